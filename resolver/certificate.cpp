// The last step of each universal resolution, in release builds too: forks, conditions and the text of markers are much
// code, and a lock that is wrong in one environment of a hundred is found by nobody else. So the answer is judged by
// what it says, never by how it was found: the markers are read back from their text, and the requirements come from
// the metadata.
//
// With where(N) for the environments a pin is installed in, within the universe:
//
//   one version   two pins of a project share no environment
//   complete      starting from the root: where a requirement holds and its parent is installed, some pin of the
//                 project is, and each of those is a version that the requirement accepts; extras alike
//   nothing else  where(N) is no more than what such requirements reach
//   usable        where(N) holds Pythons that the release is for, and platforms that are required have a file
//
// All of it by part: what holds under a guard needs no more than that guard (guarded_set.cpp tells why that is enough).
// The walk is the least fixpoint over the requirements, as in fork_solution.cpp, but over the whole universe at once
// and over the written markers.
#include "resolver/certificate.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resolver/guarded_text.h"

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
    for (const pep::Requirement& requirement : problem_.requirements)
      follow(nullptr, requirement, guarded_.meet(world_.guarded(requirement.marker), world_.everything()));
    while (!open_.empty() && !flaw_) {
      const At at = open_.front();
      open_.pop_front();
      queued_.erase(at);
      expand(at);
    }
    for (std::size_t i = 0; i < pins_.size() && !flaw_; ++i) {
      check_reached(i);
      check_constraints(i);
      check_usable(i);
    }
    return flaw_;
  }

 private:
  using At = std::pair<std::size_t, pep::Name>;  // a pin and one of its extras; without a name: itself

  template <class... Parts>
  void complain(const Parts&... parts) {
    if (!flaw_) flaw_ = cat(parts...);
  }
  std::string text(const Pin& pin) const { return cat(pin.name.str(), " ", pin.version.to_string()); }
  std::string text(const GuardedSet& set) { return marker_of(set, guarded_, space_, world_.everything()).to_string(); }

  // What one of the markers has in its environments is a guard in none of them.
  void read_markers() {
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      by_name_[pins_[i].name].push_back(i);
      written_.emplace_back();
      if (pins_[i].marker.is_trivial()) continue;
      auto read = pep::Marker::parse(pins_[i].marker.to_string());
      if (!read.ok()) return complain("the marker of ", text(pins_[i]), " cannot be read");
      written_.back() = std::move(*read);
    }
    std::vector<MarkerSet> sets;
    const auto note = [&](const pep::Marker& marker) {
      for (const auto& [guard, environments] : world_.guarded(marker).parts) sets.push_back(environments);
    };
    std::ranges::for_each(written_, note);
    for (const pep::Requirement& requirement : problem_.requirements) note(requirement.marker);
    world_.keep_in_diagrams(space_.memberships_in(sets));
    for (const pep::Marker& marker : written_) {
      there_.push_back(guarded_.meet(world_.guarded(marker), world_.everything()));
      environments_.push_back(guarded_.hull(there_.back()));
    }
  }

  void check_one_version() {
    for (const auto& [name, pins] : by_name_)
      for (std::size_t i = 0; i < pins.size(); ++i)
        for (std::size_t j = i + 1; j < pins.size(); ++j)
          if (!space_.disjoint(environments_[pins[i]], environments_[pins[j]]))
            complain(text(pins_[pins[i]]), " and ", pins_[pins[j]].version.to_string(), " are both installed where ",
                     text(guarded_.always(space_.both(environments_[pins[i]], environments_[pins[j]]))));
  }

  // --- requirements -------------------------------------------------------------------------------------------------

  void expand(const At& at) {
    const Pin& pin = pins_[at.first];
    if (problem_.policy.no_deps || pin.metadata == nullptr) return;
    const GuardedSet where = reached_[at];
    const std::span<const pep::Name> extras(&at.second, at.second.empty() ? 0 : 1);
    for (const pep::Requirement& requirement : pin.metadata->requires_dist)
      if (extras.empty() || requirement.marker.mentions_extra())
        follow(&pin, requirement, guarded_.meet(where, world_.condition(requirement.marker, extras)));
  }

  // A requirement of a pin (of the root: nullptr) that holds where `needed` says.
  void follow(const Pin* parent, const pep::Requirement& requirement, const GuardedSet& needed) {
    if (needed.is_empty()) return;
    if (std::ranges::find(problem_.excludes, requirement.name) != problem_.excludes.end()) return;
    bool is_overridden = false;
    for (const pep::Requirement& instead : problem_.overrides) {
      if (instead.name != requirement.name) continue;
      is_overridden = true;
      meet(parent, instead, instead.extras.empty() ? requirement.extras : instead.extras,
           guarded_.meet(needed, world_.condition(instead.marker, {})));
    }
    if (!is_overridden) meet(parent, requirement, requirement.extras, needed);
  }

  void meet(const Pin* parent, const pep::Requirement& requirement, const std::vector<pep::Name>& extras,
            const GuardedSet& needed) {
    const auto asks = [&] {
      return cat(parent == nullptr ? "the project" : text(*parent), " needs ", requirement.to_string());
    };
    GuardedSet missing = needed;
    for (const std::size_t i : by_name_[requirement.name]) {
      const GuardedSet here = guarded_.meet(needed, there_[i]);
      if (here.is_empty()) continue;
      if (!accepts(requirement, pins_[i]))
        complain(asks(), ", and ", text(pins_[i]), " is installed where ", text(here));
      missing = guarded_.without(missing, here);
      reach({i, pep::Name()}, here);
      for (const pep::Name& extra : extras) reach({i, extra}, here);
    }
    if (!missing.is_empty()) complain(asks(), ", and none is installed where ", text(missing));
  }

  static bool accepts(const pep::Requirement& requirement, const Pin& pin) {
    return requirement.url.empty() ? requirement.specifiers.contains(pin.version) : pin.direct;
  }

  void reach(const At& at, const GuardedSet& where) {
    if (guarded_.grow(reached_[at], where) && queued_.insert(at).second) open_.push_back(at);
  }

  // --- pins ---------------------------------------------------------------------------------------------------------

  void check_reached(std::size_t i) {
    const auto reached = reached_.find({i, pep::Name()});
    const GuardedSet unasked = guarded_.without(there_[i], reached == reached_.end() ? GuardedSet() : reached->second);
    if (!unasked.is_empty()) complain("nothing needs ", text(pins_[i]), " where ", text(unasked));
    for (const auto& [at, where] : std::ranges::subrange(reached, reached_.end())) {
      if (at.first != i) break;
      if (!at.second.empty() && !std::ranges::binary_search(pins_[i].extras, at.second))
        complain(text(pins_[i]), " lacks the extra ", at.second.str());
    }
  }

  void check_constraints(std::size_t i) {
    for (const pep::Requirement& constraint : problem_.constraints)
      if (constraint.name == pins_[i].name && !accepts(constraint, pins_[i]) &&
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
  std::unordered_map<pep::Name, std::vector<std::size_t>> by_name_;
  std::vector<pep::Marker> written_;     // by pin, read back
  std::vector<GuardedSet> there_;        // by pin
  std::vector<MarkerSet> environments_;  // by pin, whatever is selected
  std::map<At, GuardedSet> reached_;
  std::deque<At> open_;
  std::set<At> queued_;
  std::optional<std::string> flaw_;
};

}  // namespace

std::optional<std::string> flaw_of(const Resolution& resolution, const Problem& problem, ForkWorld& world) {
  return Judge(resolution, problem, world).run();
}

}  // namespace pkg::resolver
