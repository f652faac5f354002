#include "resolver/build_resolution.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/text.h"

namespace pkg::resolver {

using pubgrub::Solver;
using pubgrub::Value;

namespace {

bool same_edge(const Edge& edge, int parent, const pep::Requirement& requirement) {
  return edge.parent == parent && edge.requirement.to_string() == requirement.to_string();
}

class Builder {
 public:
  Builder(const Provider& provider, const Solver& solver) : provider_(provider), solver_(solver) {}

  Resolution build() {
    find_extras();
    make_pins();
    for (const ActiveRequirement& active : provider_.active_root()) add_edge(-1, active);
    for (std::size_t i = 0; i < resolution_.pins.size(); ++i) {
      const Pin& pin = resolution_.pins[i];
      for (const ActiveRequirement& active : provider_.active(*pin.metadata, pin.extras))
        add_edge(static_cast<int>(i), active);
    }
    for (Pin& pin : resolution_.pins) finish(pin);
    return std::move(resolution_);
  }

 private:
  // Follows the requirements from the root until no package gains an extra any more: what is selected, and with which
  // extras.
  void find_extras() {
    std::vector<const Project*> work;
    const auto want = [&](const ActiveRequirement& active) {
      const Project* const project = provider_.find(active.requirement->name);
      const auto [entry, is_new] = extras_.try_emplace(project->name);
      bool grown = is_new;
      for (const pep::Name& extra : *active.extras) grown = entry->second.insert(extra).second || grown;
      if (grown) work.push_back(project);
    };
    for (const ActiveRequirement& active : provider_.active_root()) want(active);
    while (!work.empty()) {
      const Project& project = *work.back();
      work.pop_back();
      const std::set<pep::Name>& own = extras_.at(project.name);
      const std::vector<pep::Name> extras(own.begin(), own.end());
      for (const ActiveRequirement& active : provider_.active(*candidate(project).metadata, extras)) want(active);
    }
  }

  const Candidate& candidate(const Project& project) const {
    const Candidate* const found = provider_.candidate(project, solver_.solution().decision(project.id));
    PKG_CHECK(found != nullptr && found->metadata != nullptr);
    return *found;
  }

  void make_pins() {
    for (const auto& [name, extras] : extras_) {
      const Project& project = *provider_.find(name);
      const Value value = solver_.solution().decision(project.id);
      const Candidate& chosen = candidate(project);
      Pin pin;
      pin.name = name;
      pin.version = project.versions[value];
      pin.extras.assign(extras.begin(), extras.end());
      for (const pep::DistFile* const file : chosen.files) pin.files.push_back(*file);
      pin.metadata = chosen.metadata;
      pin.direct = value < project.direct_count();
      index_[name] = static_cast<int>(resolution_.pins.size());
      resolution_.pins.push_back(std::move(pin));
    }
  }

  void add_edge(int parent, const ActiveRequirement& active) {
    const int child = index_.at(active.requirement->name);
    std::vector<Edge>& edges = resolution_.pins[static_cast<std::size_t>(child)].required_by;
    const bool is_known = std::any_of(edges.begin(), edges.end(),
                                      [&](const Edge& edge) { return same_edge(edge, parent, *active.requirement); });
    if (!is_known) edges.push_back({parent, *active.requirement});
    if (parent >= 0) resolution_.pins[static_cast<std::size_t>(parent)].dependencies.push_back(child);
  }

  void finish(Pin& pin) {
    std::sort(pin.dependencies.begin(), pin.dependencies.end());
    pin.dependencies.erase(std::unique(pin.dependencies.begin(), pin.dependencies.end()), pin.dependencies.end());
    for (const pep::Name& extra : pin.extras) {
      const auto& provided = pin.metadata->provides_extra;
      if (std::find(provided.begin(), provided.end(), extra) == provided.end())
        resolution_.warnings.push_back(
            cat(quote(pin.name.str()), " ", pin.version.to_string(), " has no extra ", quote(extra.str())));
    }
    if (!pin.files.empty() && pin.files.front().yanked) {
      const std::string& reason = *pin.files.front().yanked;
      resolution_.warnings.push_back(cat(quote(pin.name.str()), " ", pin.version.to_string(), " was yanked",
                                         reason.empty() ? "" : ": ", reason.empty() ? "" : printable(reason)));
    }
  }

  const Provider& provider_;
  const Solver& solver_;
  Resolution resolution_;
  std::map<pep::Name, std::set<pep::Name>> extras_;
  std::map<pep::Name, int> index_;
};

}  // namespace

Resolution build_resolution(const Provider& provider, const Solver& solver) {
  Resolution resolution = Builder(provider, solver).build();
  resolution.statistics = {.decisions = solver.statistics().decisions,
                           .conflicts = solver.statistics().conflicts,
                           .listings = provider.listings_asked(),
                           .metadata = provider.metadata_asked()};
  return resolution;
}

}  // namespace pkg::resolver
