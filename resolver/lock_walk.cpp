// Starting with the root's requirements: where one holds, the release that is there is needed, and each of its own
// requirements holds there as far as its marker does; extras alike. A release that is needed in more environments than
// before is looked at again, so cycles are fine. All of it by part: what holds under a guard needs no more than that
// guard (guarded_set.cpp tells why that is enough).
#include "resolver/lock_walk.h"

#include <algorithm>

namespace pkg::resolver {

LockWalk::LockWalk(std::span<const PlacedRelease> releases, const Problem& problem, ForkWorld& world)
    : releases_(releases), problem_(problem), world_(world), guarded_(world.guarded()) {
  for (std::size_t i = 0; i < releases.size(); ++i) by_name_[releases[i].name].push_back(i);
}

std::optional<Unmet> LockWalk::run() {
  follow_root();
  while (!open_.empty() && !unmet_) {
    const At at = open_.front();
    open_.pop_front();
    queued_.erase(at);
    expand(at);
  }
  return unmet_;
}

std::vector<LockWalk::Edge> LockWalk::edges() {
  std::vector<Edge> edges;
  edges_ = &edges;
  follow_root();
  for (const auto& [at, where] : reached_) expand(at);
  edges_ = nullptr;
  return edges;
}

void LockWalk::follow_root() {
  for (const pep::Requirement& requirement : problem_.requirements)
    follow(std::nullopt, requirement, guarded_.meet(world_.guarded(requirement.marker), world_.everything()));
}

void LockWalk::expand(const At& at) {
  const auto& metadata = releases_[at.first].metadata;
  if (problem_.policy.no_deps || metadata == nullptr) return;
  const GuardedSet where = reached_[at];
  const std::span<const pep::Name> extras(&at.second, at.second.empty() ? 0 : 1);
  for (const pep::Requirement& requirement : metadata->requires_dist)
    if (extras.empty() || requirement.marker.mentions_extra())
      follow(at.first, requirement, guarded_.meet(where, world_.condition(requirement.marker, extras)));
}

void LockWalk::follow(std::optional<std::size_t> parent, const pep::Requirement& requirement,
                      const GuardedSet& needed) {
  if (needed.is_empty()) return;
  if (std::ranges::find(problem_.excludes, requirement.name) != problem_.excludes.end()) return;
  bool is_overridden = false;
  for (const pep::Requirement& instead : problem_.overrides) {
    if (instead.name != requirement.name || requirement.is_override) continue;
    is_overridden = true;
    meet(parent, instead, instead.extras.empty() ? requirement.extras : instead.extras,
         guarded_.meet(needed, world_.condition(instead.marker, {})));
  }
  if (!is_overridden) meet(parent, requirement, requirement.extras, needed);
}

void LockWalk::meet(std::optional<std::size_t> parent, const pep::Requirement& requirement,
                    const std::vector<pep::Name>& extras, const GuardedSet& needed) {
  GuardedSet missing = needed;
  for (const std::size_t child : by_name_[requirement.name]) {
    const PlacedRelease& release = releases_[child];
    const GuardedSet here = guarded_.meet(needed, release.there);
    if (here.is_empty()) continue;
    if (!unmet_ && !accepts(requirement, release.version, release.direct)) unmet_ = {parent, &requirement, child, here};
    missing = guarded_.without(missing, here);
    if (edges_ != nullptr) edges_->push_back({parent, child, &requirement, guarded_.hull(here)});
    reach({child, pep::Name()}, here);
    for (const pep::Name& extra : extras) reach({child, extra}, here);
  }
  if (!unmet_ && !missing.is_empty()) unmet_ = {parent, &requirement, std::nullopt, missing};
}

void LockWalk::reach(const At& at, const GuardedSet& where) {
  if (edges_ != nullptr) return;
  if (guarded_.grow(reached_[at], where) && queued_.insert(at).second) open_.push_back(at);
}

bool accepts(const pep::Requirement& requirement, const pep::Version& version, bool direct) {
  return requirement.url.empty() ? requirement.specifiers.contains(version) : direct;
}

}  // namespace pkg::resolver
