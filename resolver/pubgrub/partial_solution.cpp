#include "resolver/pubgrub/partial_solution.h"

#include <algorithm>

#include "base/check.h"

namespace pkg::resolver::pubgrub {

PackageId PartialSolution::add_package(std::uint32_t versions) {
  Package package;
  package.full = permanent_.full(versions + 1);
  package.domain = package.full;
  return packages_.push_back(std::move(package));
}

void PartialSolution::push(PackageId id, VersionSet domain, IncompatibilityId cause) {
  Package& package = packages_[id];
  if (package.domain.has_absent() && !domain.has_absent()) positive_.push_back(id);
  trail_.push_back({id, domain, level(), cause, package.last});
  package.last = static_cast<std::int32_t>(trail_.size() - 1);
  package.domain = domain;
  mark_changed(id);
  touch(id);
}

void PartialSolution::touch(PackageId id) {
  if (packages_[id].touched) return;
  packages_[id].touched = true;
  touched_.push_back(id);
}

void PartialSolution::forget_touched() {
  for (const PackageId id : touched_) packages_[id].touched = false;
  touched_.clear();
}

void PartialSolution::mark_changed(PackageId id) {
  if (packages_[id].queued) return;
  packages_[id].queued = true;
  changed_.push_back(id);
}

std::optional<PackageId> PartialSolution::take_changed() {
  if (changed_taken_ == changed_.size()) {
    changed_.clear();
    excluded_.clear();
    changed_taken_ = 0;
    return std::nullopt;
  }
  const PackageId id = changed_[changed_taken_++];
  packages_[id].queued = false;
  return id;
}

void PartialSolution::decide(PackageId id, Value value) {
  level_marks_.push_back({trail_.size(), sets_.mark()});
  VersionSet domain = sets_.empty(packages_[id].full.bits());
  domain.insert(value);
  push(id, domain, kNoCause);
  packages_[id].decided = true;
}

void PartialSolution::derive(const Term& excluded, IncompatibilityId cause) {
  VersionSet domain = sets_.copy(packages_[excluded.package].domain);
  domain.subtract(excluded.values);
  push(excluded.package, domain, cause);
}

void PartialSolution::backtrack(std::uint32_t to) {
  if (to >= level()) return;
  const LevelMark mark = level_marks_[to];
  while (trail_.size() > mark.trail) {
    const Assignment& undone = trail_.back();
    Package& package = packages_[undone.package];
    const bool was_positive = !package.domain.has_absent();
    package.last = undone.previous;
    package.domain =
        undone.previous >= 0 ? trail_[static_cast<std::size_t>(undone.previous)].domain : start_domain(package);
    if (undone.cause == kNoCause) package.decided = false;
    if (was_positive && package.domain.has_absent()) positive_.pop_back();
    touch(undone.package);
    trail_.pop_back();
  }
  sets_.release(mark.sets);
  level_marks_.resize(to);
  for (; changed_taken_ < changed_.size(); ++changed_taken_) packages_[changed_[changed_taken_]].queued = false;
  changed_.clear();
  changed_taken_ = 0;
  for (const PackageId id : excluded_) mark_changed(id);
}

void PartialSolution::exclude(const Term& excluded, IncompatibilityId cause) {
  Package& package = packages_[excluded.package];
  const auto known = std::find_if(package.starts.begin(), package.starts.end(),
                                  [&](const Start& start) { return start.cause == cause; });
  if (known == package.starts.end()) {
    package.starts.push_back({cause, permanent_.copy(start_domain(package))});
    package.starts.back().domain.subtract(excluded.values);
  } else {
    for (auto start = known; start != package.starts.end(); ++start) start->domain.subtract(excluded.values);
  }
  const bool was_positive = !package.domain.has_absent();
  for (std::int32_t at = package.last; at >= 0; at = trail_[static_cast<std::size_t>(at)].previous)
    trail_[static_cast<std::size_t>(at)].domain.subtract(excluded.values);
  if (package.last < 0) package.domain = start_domain(package);
  PKG_CHECK(!package.domain.is_empty());
  PKG_CHECK(was_positive == !package.domain.has_absent());
  excluded_.push_back(excluded.package);
  touch(excluded.package);
  mark_changed(excluded.package);
}

Satisfier PartialSolution::satisfier(const Term& term) const {
  const Package& package = packages_[term.package];
  std::int32_t at = package.last;
  PKG_CHECK(at < 0 || package.domain.is_subset_of(term.values));
  while (at >= 0) {
    const Assignment& step = trail_[static_cast<std::size_t>(at)];
    const VersionSet& before =
        step.previous >= 0 ? trail_[static_cast<std::size_t>(step.previous)].domain : start_domain(package);
    if (!before.is_subset_of(term.values)) return {at, step.level, step.cause};
    at = step.previous;
  }
  for (std::size_t i = package.starts.size(); i-- > 0;) {
    const VersionSet& before = i > 0 ? package.starts[i - 1].domain : package.full;
    if (!before.is_subset_of(term.values)) return {-1, 0, package.starts[i].cause};
  }
  PKG_UNREACHABLE();  // a term that is always true is not kept
}

std::uint32_t PartialSolution::level_without(const Term& term, std::int32_t position,
                                             const VersionSet& excluded) const {
  const auto enough = [&](const VersionSet& domain) { return domain.is_subset_of_union(term.values, excluded); };
  if (position < 0) return 0;
  std::uint32_t level = trail_[static_cast<std::size_t>(position)].level;
  std::int32_t at = trail_[static_cast<std::size_t>(position)].previous;
  const Package& package = packages_[term.package];
  for (; at >= 0 && level > 0; at = trail_[static_cast<std::size_t>(at)].previous) {
    if (!enough(trail_[static_cast<std::size_t>(at)].domain)) return level;
    level = trail_[static_cast<std::size_t>(at)].level;
  }
  return level == 0 || enough(start_domain(package)) ? 0 : level;
}

}  // namespace pkg::resolver::pubgrub
