// The last step of each universal resolution, in release builds too: forks, conditions and the text of markers are much
// code, and a lock that is wrong in one environment of a hundred is found by nobody else. So the answer is judged by
// what it says, never by how it was found: the markers are read back from their text, and the requirements come from
// the metadata.
//
// With where(N) for the environments a pin is installed in, within the universe:
//
//   one version   two pins of a project share no environment
//   complete      starting from the root: where a requirement holds and its parent is installed, some pin of the
//                 project is, and each of those is a version that the requirement accepts; extras alike (lock_walk.cpp)
//   nothing else  where(N) is no more than what such requirements reach
//   usable        where(N) holds Pythons that the release is for, and platforms that are required have a file
#include "resolver/certificate.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "resolver/guarded_text.h"
#include "resolver/lock_walk.h"

namespace pkg::resolver {

namespace {

class Judge {
 public:
  Judge(const Resolution& resolution, const Problem& problem, ForkWorld& world)
      : pins_(resolution.pins), problem_(problem), world_(world), space_(world.space()), guarded_(world.guarded()) {}

  std::optional<std::string> run() {
    read_markers();
    if (flaw_) return flaw_;
    check_one_version();
    LockWalk walk(releases_, problem_, world_);
    if (const auto unmet = walk.run()) complain_of(*unmet);
    for (std::size_t i = 0; i < pins_.size() && !flaw_; ++i) {
      check_reached(i, walk.reached());
      check_constraints(i);
      check_usable(i);
    }
    return flaw_;
  }

 private:
  template <class... Parts>
  void complain(const Parts&... parts) {
    if (!flaw_) flaw_ = cat(parts...);
  }
  std::string text(const Pin& pin) const { return cat(pin.name.str(), " ", pin.version.to_string()); }
  std::string text(const GuardedSet& set) {
    const pep::Marker marker = marker_of(set, guarded_, space_, world_.everything());
    return marker.is_trivial() ? "everywhere" : cat("where ", marker.to_string());
  }

  // What one of the markers has in its environments is a guard in none of them.
  void read_markers() {
    std::vector<pep::Marker> written;
    for (const Pin& pin : pins_) {
      written.emplace_back();
      if (pin.marker.is_trivial()) continue;
      auto read = pep::Marker::parse(pin.marker.to_string());
      if (!read.ok()) return complain("the marker of ", text(pin), " cannot be read");
      written.back() = std::move(*read);
    }
    std::vector<MarkerSet> sets;
    const auto note = [&](const pep::Marker& marker) {
      for (const auto& [guard, environments] : world_.guarded(marker).parts) sets.push_back(environments);
    };
    std::ranges::for_each(written, note);
    for (const pep::Requirement& requirement : problem_.requirements) note(requirement.marker);
    world_.keep_in_diagrams(space_.memberships_in(sets));
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      const Pin& pin = pins_[i];
      GuardedSet there = guarded_.meet(world_.guarded(written[i]), world_.everything());
      environments_.push_back(guarded_.hull(there));
      releases_.push_back({pin.name, pin.version, pin.metadata, pin.direct, std::move(there)});
    }
  }

  void check_one_version() {
    for (std::size_t i = 0; i < pins_.size(); ++i)
      for (std::size_t j = i + 1; j < pins_.size() && pins_[j].name == pins_[i].name; ++j)
        if (const MarkerSet both = space_.both(environments_[i], environments_[j]); both != MarkerSpace::kNone)
          complain(text(pins_[i]), " and ", pins_[j].version.to_string(), " are both installed ",
                   text(guarded_.always(both)));
  }

  void complain_of(const Unmet& unmet) {
    complain(unmet.parent ? text(pins_[*unmet.parent]) : "the project", " needs ", unmet.requirement->to_string(),
             ", and ", unmet.child ? text(pins_[*unmet.child]) : "none", " is installed ", text(unmet.where));
  }

  void check_reached(std::size_t i, const std::map<LockWalk::At, GuardedSet>& all) {
    const auto reached = all.find({i, pep::Name()});
    const GuardedSet unasked =
        guarded_.without(releases_[i].there, reached == all.end() ? GuardedSet() : reached->second);
    if (!unasked.is_empty()) complain("nothing needs ", text(pins_[i]), " ", text(unasked));
    for (auto entry = reached; entry != all.end() && entry->first.first == i; ++entry) {
      const auto& at = entry->first;
      if (!at.second.empty() && !std::ranges::binary_search(pins_[i].extras, at.second))
        complain(text(pins_[i]), " lacks the extra ", at.second.str());
    }
  }

  void check_constraints(std::size_t i) {
    for (const pep::Requirement& constraint : problem_.constraints)
      if (constraint.name == pins_[i].name && !accepts(constraint, pins_[i].version, pins_[i].direct) &&
          !space_.disjoint(environments_[i], world_.condition(constraint.marker, {})))
        complain(text(pins_[i]), " is against the constraint ", constraint.to_string());
  }

  void check_usable(std::size_t i) {
    const Pin& pin = pins_[i];
    if (pin.metadata != nullptr && pin.metadata->has_requires_python && !problem_.policy.ignore_requires_python &&
        !space_.implies(environments_[i], world_.python_of(pin.metadata->requires_python)))
      complain(text(pin), " is installed on Pythons that it is not for");
    if (pin.direct) return;
    std::vector<const pep::DistFile*> files;
    for (const pep::DistFile& file : pin.files) files.push_back(&file);
    for (const PlatformClass& platform : world_.coverage().platforms())
      if (platform.required &&
          !space_.implies(space_.both(environments_[i], platform.environments), world_.coverage().of(files, platform)))
        complain(text(pin), " has no file for ", platform.name);
  }

  const std::vector<Pin>& pins_;
  const Problem& problem_;
  ForkWorld& world_;
  MarkerSpace& space_;
  GuardedSets& guarded_;
  std::vector<PlacedRelease> releases_;  // by pin
  std::vector<MarkerSet> environments_;  // by pin, whatever is selected
  std::optional<std::string> flaw_;
};

}  // namespace

std::optional<std::string> flaw_of(const Resolution& resolution, const Problem& problem, ForkWorld& world) {
  return Judge(resolution, problem, world).run();
}

}  // namespace pkg::resolver
