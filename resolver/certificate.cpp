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
// The walk is the least fixpoint over the requirements, as in fork_solution.cpp, but over the whole universe at once
// and over the written markers.
#include "resolver/certificate.h"

#include <algorithm>
#include <deque>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace pkg::resolver {

namespace {

class Judge {
 public:
  Judge(const Resolution& resolution, const Problem& problem, ForkWorld& world)
      : pins_(resolution.pins), problem_(problem), world_(world), space_(world.space()) {}

  std::optional<std::string> run() {
    read_markers();
    check_one_version();
    for (const pep::Requirement& requirement : problem_.requirements)
      follow(nullptr, requirement, {}, world_.everything());
    while (!open_.empty() && !flaw_) {
      const At at = open_.front();
      open_.pop_front();
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
  std::string text(MarkerSet set) { return space_.marker(space_.simplify(set, world_.everything())).to_string(); }

  void read_markers() {
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      by_name_[pins_[i].name].push_back(i);
      there_.push_back(world_.everything());
      if (pins_[i].marker.is_trivial()) continue;
      const auto read = pep::Marker::parse(pins_[i].marker.to_string());
      if (read.ok())
        there_.back() = space_.both(world_.everything(), space_.of(*read));
      else
        complain("the marker of ", text(pins_[i]), " cannot be read");
    }
  }

  void check_one_version() {
    for (const auto& [name, pins] : by_name_)
      for (std::size_t i = 0; i < pins.size(); ++i)
        for (std::size_t j = i + 1; j < pins.size(); ++j)
          if (!space_.disjoint(there_[pins[i]], there_[pins[j]]))
            complain(text(pins_[pins[i]]), " and ", pins_[pins[j]].version.to_string(), " are both installed where ",
                     text(space_.both(there_[pins[i]], there_[pins[j]])));
  }

  // --- requirements -------------------------------------------------------------------------------------------------

  void expand(const At& at) {
    const Pin& pin = pins_[at.first];
    if (problem_.policy.no_deps || pin.metadata == nullptr) return;
    const MarkerSet where = reached_[at];
    const std::span<const pep::Name> extras(&at.second, at.second.empty() ? 0 : 1);
    for (const pep::Requirement& requirement : pin.metadata->requires_dist)
      if (extras.empty() || requirement.marker.mentions_extra()) follow(&pin, requirement, extras, where);
  }

  // A requirement of a pin (of the root: nullptr) that is installed `where`, with one of its extras or without.
  void follow(const Pin* parent, const pep::Requirement& requirement, std::span<const pep::Name> extras,
              MarkerSet where) {
    const MarkerSet needed = space_.both(where, world_.condition(requirement.marker, extras));
    if (needed == MarkerSpace::kNone) return;
    if (std::ranges::find(problem_.excludes, requirement.name) != problem_.excludes.end()) return;
    bool is_overridden = false;
    for (const pep::Requirement& instead : problem_.overrides) {
      if (instead.name != requirement.name) continue;
      is_overridden = true;
      meet(parent, instead, instead.extras.empty() ? requirement.extras : instead.extras,
           space_.both(needed, world_.condition(instead.marker, {})));
    }
    if (!is_overridden) meet(parent, requirement, requirement.extras, needed);
  }

  void meet(const Pin* parent, const pep::Requirement& requirement, const std::vector<pep::Name>& extras,
            MarkerSet needed) {
    const auto asks = [&] {
      return cat(parent == nullptr ? "the project" : text(*parent), " needs ", requirement.to_string());
    };
    MarkerSet missing = needed;
    for (const std::size_t i : by_name_[requirement.name]) {
      const MarkerSet here = space_.both(needed, there_[i]);
      if (here == MarkerSpace::kNone) continue;
      if (!accepts(requirement, pins_[i]))
        complain(asks(), ", and ", text(pins_[i]), " is installed where ", text(here));
      missing = space_.without(missing, here);
      reach({i, pep::Name()}, here);
      for (const pep::Name& extra : extras) reach({i, extra}, here);
    }
    if (missing != MarkerSpace::kNone) complain(asks(), ", and none is installed where ", text(missing));
  }

  static bool accepts(const pep::Requirement& requirement, const Pin& pin) {
    return requirement.url.empty() ? requirement.specifiers.contains(pin.version) : pin.direct;
  }

  void reach(const At& at, MarkerSet where) {
    const auto [known, is_new] = reached_.try_emplace(at, MarkerSpace::kNone);
    const MarkerSet wider = space_.either(known->second, where);
    if (wider == known->second) return;
    known->second = wider;
    if (std::ranges::find(open_, at) == open_.end()) open_.push_back(at);
  }

  // --- pins ---------------------------------------------------------------------------------------------------------

  void check_reached(std::size_t i) {
    const auto reached = reached_.find({i, pep::Name()});
    const MarkerSet asked_for = reached == reached_.end() ? MarkerSpace::kNone : reached->second;
    if (!space_.implies(there_[i], asked_for))
      complain("nothing needs ", text(pins_[i]), " where ", text(space_.without(there_[i], asked_for)));
    for (const auto& [at, where] : std::ranges::subrange(reached, reached_.end())) {
      if (at.first != i) break;
      if (!at.second.empty() && !std::ranges::binary_search(pins_[i].extras, at.second))
        complain(text(pins_[i]), " lacks the extra ", at.second.str());
    }
  }

  void check_constraints(std::size_t i) {
    for (const pep::Requirement& constraint : problem_.constraints)
      if (constraint.name == pins_[i].name && !accepts(constraint, pins_[i]) &&
          !space_.disjoint(there_[i], world_.condition(constraint.marker, {})))
        complain(text(pins_[i]), " is against the constraint ", constraint.to_string());
  }

  void check_usable(std::size_t i) {
    const Pin& pin = pins_[i];
    if (pin.metadata != nullptr && pin.metadata->has_requires_python && !problem_.policy.ignore_requires_python &&
        !space_.implies(there_[i], world_.python_of(pin.metadata->requires_python)))
      complain(text(pin), " is installed on Pythons that it is not for");
    if (pin.direct) return;
    std::vector<const pep::DistFile*> files;
    for (const pep::DistFile& file : pin.files) files.push_back(&file);
    for (const PlatformClass& platform : world_.coverage().platforms())
      if (platform.required &&
          !space_.implies(space_.both(there_[i], platform.environments), world_.coverage().of(files, platform)))
        complain(text(pin), " has no file for ", platform.name);
  }

  const std::vector<Pin>& pins_;
  const Problem& problem_;
  ForkWorld& world_;
  MarkerSpace& space_;
  std::unordered_map<pep::Name, std::vector<std::size_t>> by_name_;
  std::vector<MarkerSet> there_;  // by pin
  std::map<At, MarkerSet> reached_;
  std::deque<At> open_;
  std::optional<std::string> flaw_;
};

}  // namespace

std::optional<std::string> flaw_of(const Resolution& resolution, const Problem& problem, ForkWorld& world) {
  return Judge(resolution, problem, world).run();
}

}  // namespace pkg::resolver
