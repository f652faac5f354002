#pragma once
// Is a universal resolution right for one environment? Looks at pins, markers and the world, never at the solver: what
// a lock promises (docs/internals/resolver.md#universal-resolution) is checked by projection.

#include <string>
#include <vector>

#include "pep/environment.h"
#include "pep/name.h"
#include "pep/tags.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::test {

// Where a lock is installed, and which extras and groups of the project are selected.
struct LockTarget {
  pep::Environment environment;
  std::vector<pep::Name> extras, groups;
  const pep::TagSet* tags = nullptr;  // not null: every pin must have a file for them

  bool meets(const pep::Marker& marker) const;
};

// Indices of the pins that are installed there.
std::vector<std::size_t> project(const resolver::Resolution& resolution, const LockTarget& target);
// "a 1, b 2", in the order of the pins.
std::string projection_text(const resolver::Resolution& resolution, const LockTarget& target);

// What is wrong with the projection, one line each; empty: it is valid. That is: one version of a project; each
// requirement whose marker holds is met, extras included, overrides and constraints applied; Requires-Python accepts
// (lower bounds, all of it when the policy is strict); nothing is unreachable; files exist, and are usable where tags
// or a required environment ask for it; edges say what was found.
std::vector<std::string> check_lock(const resolver::Problem& problem, const resolver::Resolution& resolution,
                                    resolver::PackageSource& world, const LockTarget& target);

}  // namespace pkg::test
