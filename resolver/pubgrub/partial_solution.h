#pragma once
// The partial solution: what is known of each package so far, as a trail of decisions and derivations that can be
// undone. docs/internals/resolver.md#partial-solution.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "resolver/pubgrub/incompatibility.h"

namespace pkg::resolver::pubgrub {

// A step of the trail: after it, the package's value is one of `domain`. A decision has no cause.
struct Assignment {
  PackageId package;
  VersionSet domain;
  std::uint32_t level = 0;
  IncompatibilityId cause = kNoCause;
  std::int32_t previous = -1;  // the assignment of the same package before this one; -1: its start
};

// Where a term became true: on the trail, or (position -1) by facts that hold at all times.
struct Satisfier {
  std::int32_t position = -1;
  std::uint32_t level = 0;
  IncompatibilityId cause = kNoCause;
};

class PartialSolution {
 public:
  PackageId add_package(std::uint32_t versions);

  const VersionSet& domain(PackageId package) const { return packages_[package].domain; }
  const VersionSet& full(PackageId package) const { return packages_[package].full; }
  // What facts that hold at all times leave of the package.
  const VersionSet& lasting_domain(PackageId package) const { return start_domain(packages_[package]); }
  bool is_positive(PackageId package) const { return !packages_[package].domain.has_absent(); }
  bool is_decided(PackageId package) const { return packages_[package].decided; }
  // Precondition: is_decided.
  Value decision(PackageId package) const { return *packages_[package].domain.first(); }
  bool satisfies(const Term& term) const { return domain(term.package).is_subset_of(term.values); }
  bool contradicts(const Term& term) const {
    const VersionSet& values = domain(term.package);
    return values.is_disjoint_from(term.values, term.first_word, std::min(term.end_word, values.word_count()));
  }

  std::uint32_t level() const { return static_cast<std::uint32_t>(level_marks_.size()); }
  PackageId decided_at(std::uint32_t level) const { return trail_[level_marks_[level - 1].trail].package; }
  // Packages that must be selected, in the order in which this became known; some are decided.
  const std::vector<PackageId>& positive() const { return positive_; }

  void decide(PackageId package, Value value);
  void derive(const Term& excluded, IncompatibilityId cause);  // the value is none of excluded.values
  void backtrack(std::uint32_t level);

  // A fact with one term that holds at all times: the values are taken from the package's start. Precondition:
  // something is left of its domain.
  void exclude(const Term& excluded, IncompatibilityId cause);

  // The earliest point at which `term` was true. Precondition: satisfies(term).
  Satisfier satisfier(const Term& term) const;
  // The level at which the values of `term` would have been all that is left, had `excluded` been known as well.
  std::uint32_t level_without(const Term& term, std::int32_t position, const VersionSet& excluded) const;
  // Why the domain of `package` changed last; kNoCause: by a decision, or not at all.
  IncompatibilityId latest_cause(PackageId package) const {
    const std::int32_t at = packages_[package].last;
    return at < 0 ? kNoCause : trail_[static_cast<std::size_t>(at)].cause;
  }
  // The level at which it changed last; of a decided package: that of its decision. Precondition: it changed.
  std::uint32_t latest_level(PackageId package) const {
    return trail_[static_cast<std::size_t>(packages_[package].last)].level;
  }

  // The next package whose domain changed since it was last taken here; nullopt: none.
  std::optional<PackageId> take_changed();
  void mark_changed(PackageId package);
  // Packages whose standing changed, by assignment or undoing, since this was last emptied by the caller (with
  // forget_touched). No duplicates.
  const std::vector<PackageId>& touched() const { return touched_; }
  void forget_touched();
  void touch(PackageId package);

 private:
  struct Start {
    IncompatibilityId cause;
    VersionSet domain;
  };
  struct Package {
    VersionSet full, domain;
    std::vector<Start> starts;  // facts of exclude(), in order, with what they leave
    std::int32_t last = -1;
    bool decided = false;
    bool queued = false, touched = false;
  };
  struct LevelMark {
    std::size_t trail = 0;
    SetArena::Mark sets;
  };
  void push(PackageId package, VersionSet domain, IncompatibilityId cause);
  const VersionSet& start_domain(const Package& package) const {
    return package.starts.empty() ? package.full : package.starts.back().domain;
  }

  IdVector<PackageId, Package> packages_;
  std::vector<Assignment> trail_;
  std::vector<LevelMark> level_marks_;
  std::vector<PackageId> positive_, changed_, touched_;
  std::size_t changed_taken_ = 0;
  std::vector<PackageId>
      excluded_;  // changed by exclude() since changed_ was last empty: a backtrack does not undo that
  SetArena permanent_, sets_;
};

}  // namespace pkg::resolver::pubgrub
