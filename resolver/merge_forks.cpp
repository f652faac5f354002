#include "resolver/merge_forks.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/text.h"
#include "resolver/guarded_text.h"

namespace pkg::resolver {

namespace {

struct Node {
  GuardedSet where;
  MarkerSet environments = MarkerSpace::kNone;  // whatever is selected
  std::set<pep::Name> extras;
  std::vector<const ForkNode*> parts;
  int place = 0;
};

class Merger {
 public:
  Merger(std::span<const ForkSolution> solutions, ForkWorld& world)
      : solutions_(solutions), world_(world), space_(world.space()), guarded_(world.guarded()) {}

  Resolution run() {
    keep_in_diagrams();
    for (const ForkSolution& solution : solutions_)
      for (const ForkNode& node : solution.nodes)
        if (node.environments != MarkerSpace::kNone) add(node);
    for (auto& [key, node] : nodes_) node.environments = guarded_.hull(node.where);
    check_disjoint();
    for (auto& [key, node] : nodes_) {
      node.place = static_cast<int>(resolution_.pins.size());
      resolution_.pins.push_back(pin_of(key, node));
    }
    for (const ForkSolution& solution : solutions_)
      for (const ForkEdge& edge : solution.edges)
        if (edge.environments != MarkerSpace::kNone) add_edge(solution, edge);
    for (auto& pin : resolution_.pins) {
      // In an order that does not depend on that of the forks.
      std::ranges::stable_sort(pin.required_by, [](const Edge& a, const Edge& b) {
        return a.parent != b.parent ? a.parent < b.parent : a.requirement.to_string() < b.requirement.to_string();
      });
      std::sort(pin.dependencies.begin(), pin.dependencies.end());
      pin.dependencies.erase(std::unique(pin.dependencies.begin(), pin.dependencies.end()), pin.dependencies.end());
      warn(pin);
    }
    return std::move(resolution_);
  }

 private:
  // What the environments of some fork ask about is no guard any more.
  void keep_in_diagrams() {
    std::vector<MarkerSet> sets;
    for (const ForkSolution& solution : solutions_) {
      sets.push_back(solution.environments);
      for (const ForkNode& node : solution.nodes)
        for (const auto& [guard, environments] : node.where.parts) sets.push_back(environments);
    }
    world_.keep_in_diagrams(space_.memberships_in(sets));
  }

  void add(const ForkNode& part) {
    Node& node = nodes_[release_of(part)];
    guarded_.grow(node.where, guarded_.flattened(part.where));
    for (const auto& [extra, where] : part.extras)
      if (!where.is_empty()) node.extras.insert(extra);
    node.parts.push_back(&part);
  }

  // The promise that an installer relies on: in no environment two versions of one project.
  void check_disjoint() {
    for (auto at = nodes_.begin(); at != nodes_.end(); ++at)
      for (auto other = std::next(at); other != nodes_.end() && other->first.name == at->first.name; ++other)
        PKG_CHECK(space_.disjoint(at->second.environments, other->second.environments));
  }

  Pin pin_of(const ReleaseKey& key, const Node& node) {
    Pin pin;
    pin.name = key.name;
    pin.version = key.version;
    pin.extras.assign(node.extras.begin(), node.extras.end());
    pin.metadata = node.parts.front()->metadata;
    pin.direct = node.parts.front()->direct;
    pin.marker = marker_of(node.where, guarded_, space_, world_.everything());
    std::vector<const pep::DistFile*> files;
    for (const ForkNode* const part : node.parts)
      for (const pep::DistFile* const file : part->files)
        if (std::ranges::find(files, file) == files.end()) files.push_back(file);
    const auto is_elsewhere = [&](const pep::DistFile* file) {
      return space_.disjoint(node.environments, world_.coverage().of(*file));
    };
    if (!std::ranges::all_of(files, is_elsewhere))
      std::erase_if(files, is_elsewhere);  // a package without any file is no package
    std::ranges::stable_sort(files, [](const pep::DistFile* a, const pep::DistFile* b) {
      return a->kind != b->kind ? a->kind == pep::DistKind::wheel : a->file_name < b->file_name;
    });
    const auto is_same = [](const pep::DistFile* a, const pep::DistFile* b) { return a->file_name == b->file_name; };
    files.erase(std::unique(files.begin(), files.end(), is_same), files.end());
    pin.files.reserve(files.size());
    for (const pep::DistFile* const file : files) pin.files.push_back(*file);
    return pin;
  }

  int place_of(const ForkSolution& solution, int at) const {
    const ForkNode& node = solution.nodes[static_cast<std::size_t>(at)];
    return nodes_.find(release_of(node))->second.place;
  }

  void add_edge(const ForkSolution& solution, const ForkEdge& edge) {
    const int child = place_of(solution, edge.child), parent = edge.parent < 0 ? -1 : place_of(solution, edge.parent);
    auto& edges = resolution_.pins[static_cast<std::size_t>(child)].required_by;
    if (seen_.insert({parent, child, edge.requirement}).second && std::ranges::none_of(edges, [&](const Edge& known) {
          return known.parent == parent && known.requirement == *edge.requirement;
        }))
      edges.push_back({parent, *edge.requirement});
    if (parent >= 0) resolution_.pins[static_cast<std::size_t>(parent)].dependencies.push_back(child);
  }

  void warn(const Pin& pin) {
    for (const pep::Name& extra : pin.extras) {
      const auto& provided = pin.metadata->provides_extra;
      if (std::find(provided.begin(), provided.end(), extra) == provided.end())
        resolution_.warnings.push_back(
            cat(quote(pin.name.str()), " ", pin.version.to_string(), " has no extra ", quote(extra.str())));
    }
    if (!pin.files.empty() &&
        std::ranges::all_of(pin.files, [](const pep::DistFile& file) { return file.yanked.has_value(); })) {
      const std::string& reason = *pin.files.front().yanked;
      resolution_.warnings.push_back(cat(quote(pin.name.str()), " ", pin.version.to_string(), " was yanked",
                                         reason.empty() ? "" : ": ", printable(reason)));
    }
  }

  std::span<const ForkSolution> solutions_;
  ForkWorld& world_;
  MarkerSpace& space_;
  GuardedSets& guarded_;
  std::map<ReleaseKey, Node> nodes_;
  std::set<std::tuple<int, int, const pep::Requirement*>> seen_;
  Resolution resolution_;
};

}  // namespace

Resolution merge_forks(std::span<const ForkSolution> solutions, ForkWorld& world) {
  return Merger(solutions, world).run();
}

}  // namespace pkg::resolver
