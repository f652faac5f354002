#include "lock/cut.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "pep/requirement.h"
#include "resolver/marker_space.h"

namespace pkg::lock {
namespace {

using resolver::MarkerSet;
using resolver::MarkerSpace;

// Where each package, and each of its extras, is needed: the least fixpoint over the dependencies.
class Reach {
 public:
  Reach(const LockFile& lock, const ChosenParts& parts, const Cut& cut) : lock_(lock), parts_(parts), cut_(cut) {
    for (std::size_t i = 0; i < lock.packages.size(); ++i) {
      by_name_.emplace(lock.packages[i].name, i);
      const auto left = decide_parts(lock.packages[i].marker, parts);
      there_.push_back(left ? space_.of(*left) : MarkerSpace::kNone);
    }
  }

  Status run() {
    PKG_TRY(begin());
    while (!open_.empty()) {
      const auto at = open_.back();
      open_.pop_back();
      follow(at, needed_[at]);
    }
    return ok_status();
  }

  Status begin() {
    if (cut_.roots) {
      for (const auto& root : *cut_.roots) {
        const auto left = decide_parts(root.marker, parts_);
        if (left) need(root.name, std::nullopt, root.extras, space_.of(*left));
      }
      return ok_status();
    }
    for (const auto& text : lock_.tool.requirements) {
      PKG_TRY_ASSIGN(const auto requirement, pep::Requirement::parse(text).with("in the lock's list of requirements"));
      const auto left = decide_parts(requirement.marker, parts_);
      // What holds without any group is the project's own.
      if (!left || (cut_.only_groups && decide_parts(requirement.marker, {}))) continue;
      need(requirement.name, std::nullopt, requirement.extras, space_.of(*left));
    }
    return ok_status();
  }

  LockFile result() {
    LockFile out = lock_;
    out.packages.clear();
    auto universe = space_.known_platforms();
    if (lock_.requires_python) universe = space_.both(universe, space_.of_python(*lock_.requires_python));
    for (std::size_t i = 0; i < lock_.packages.size(); ++i) {
      const auto found = needed_.find({i, pep::Name()});
      if (found == needed_.end() || space_.disjoint(found->second, universe)) continue;
      auto& package = out.packages.emplace_back(lock_.packages[i]);
      package.marker = space_.marker(space_.simplify(found->second, universe));
    }
    return out;
  }

 private:
  using At = std::pair<std::size_t, pep::Name>;  // a package and one of its extras; without a name: itself

  void need(const pep::Name& name, const std::optional<pep::Version>& version, std::span<const pep::Name> extras,
            MarkerSet where) {
    if (std::ranges::find(cut_.pruned, name) != cut_.pruned.end()) return;
    const auto [first, last] = by_name_.equal_range(name);
    for (auto it = first; it != last; ++it) {
      const auto i = it->second;
      if (version && lock_.packages[i].version != version) continue;
      const auto set = space_.both(where, there_[i]);
      widen({i, pep::Name()}, set);
      for (const auto& extra : extras) widen({i, extra}, set);
    }
  }

  void widen(const At& at, MarkerSet set) {
    if (set == MarkerSpace::kNone) return;
    const auto [known, is_new] = needed_.try_emplace(at, set);
    const auto wider = is_new ? set : space_.either(known->second, set);
    if (!is_new && wider == known->second) return;
    known->second = wider;
    open_.push_back(at);
  }

  void follow(const At& at, MarkerSet where) {
    ChosenParts own;
    if (!at.second.empty()) own.own_extras.push_back(at.second);
    for (const auto& dependency : lock_.packages[at.first].dependencies) {
      const auto left = decide_parts(dependency.marker, own);
      if (left) need(dependency.name, dependency.version, dependency.extras, space_.both(where, space_.of(*left)));
    }
  }

  const LockFile& lock_;
  const ChosenParts& parts_;
  const Cut& cut_;
  MarkerSpace space_;
  std::multimap<pep::Name, std::size_t> by_name_;
  std::vector<MarkerSet> there_;  // of each package: where the lock installs it
  std::map<At, MarkerSet> needed_;
  std::vector<At> open_;
};

}  // namespace

Result<LockFile> cut_lock(const LockFile& lock, const ChosenParts& parts, const Cut& cut) {
  if (lock.tool.version == 0)
    return make_error(ErrorKind::unsupported, "the lock does not say what its project and groups ask for",
                      "it needs a lock made by pkg: pkg lock");
  Reach reach(lock, parts, cut);
  PKG_TRY(reach.run());
  return reach.result();
}

}  // namespace pkg::lock
