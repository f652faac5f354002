// Which releases are put off because they would have to be built.
//
// What a project needs is written in its wheels; of a release that has only a source distribution it may take a build
// of minutes to learn, and another to install it. A search that runs into a conflict goes back in time: the newest
// release of `sci` excludes the newest `num`, so the next older `sci` is tried, and the next, until one is so old that
// it has no wheel for this Python and knows nothing of new `num`s. Building that one is never what was wanted: the
// wheel of `sci` with an older `num` is.
//
// So solving has two passes. In the first a release that would have to be built is out of the question when a newer one
// has a wheel, and other decisions are tried before it. Only when that has no solution does the second pass take it for
// one like all others, and what it finds, or why there is nothing, is the answer. What is asked for as such is never
// put off: when all that a requirement or constraint admits would have to be built, then building is what it says.
// `--resolution lowest` asks for old releases, and puts off nothing.
#include "resolver/provider.h"

namespace pkg::resolver {

using pubgrub::Value;
using pubgrub::VersionSet;

Result<bool> Provider::has_wheel(Project& project, Value value) {
  const bool is_listed = value >= project.direct_count() && value < project.version_count();
  if (!is_listed || !project.listing->releases[value - project.direct_count()].has_wheel) return false;
  if (is_plainly_yanked(project, value) || (finals_first(project) && project.prereleases.contains(value))) return false;
  PKG_TRY_ASSIGN(const Candidate* const candidate, files_of(project, value));
  return !candidate->reason && candidate->has_wheel;
}

Result<bool> Provider::has_wheel_in(Project& project, const VersionSet& set) {
  for (auto value = set.first(project.direct_count()); value && *value < project.version_count();
       value = set.first(*value + 1)) {
    PKG_TRY_ASSIGN(const bool has, has_wheel(project, *value));
    if (has) return true;
  }
  return false;
}

Result<bool> Provider::waits_for_others(Project& project, Value value, const Candidate& candidate) {
  if (project.lowest_first || value < project.direct_count() || candidate.reason || candidate.has_wheel) return false;
  for (Value one = project.direct_count(); !project.newest_wheel && one <= project.version_count(); ++one) {
    PKG_TRY_ASSIGN(const bool has, has_wheel(project, one));
    if (has || one == project.version_count()) project.newest_wheel = one;
  }
  if (*project.newest_wheel > value) return false;
  for (const auto& [text, set] : project.sets_by_text) {
    if (!set.contains(value)) continue;
    PKG_TRY_ASSIGN(const bool has, has_wheel_in(project, set));
    if (!has) return false;
  }
  return true;
}

Result<bool> Provider::is_put_off(Project& project, Value value, const Candidate& candidate) {
  PKG_TRY_ASSIGN(const bool waits, waits_for_others(project, value, candidate));
  has_put_off_ = has_put_off_ || waits;
  return waits;
}

Status Provider::expect_build(Project& project, Value value, const Candidate& candidate) {
  if (candidate.reason || candidate.has_wheel || candidate.complete || value < project.direct_count())
    return ok_status();
  PKG_TRY_ASSIGN(const bool waits, waits_for_others(project, value, candidate));
  if (!waits) project.source->expect_build(*candidate.files.front());
  return ok_status();
}

}  // namespace pkg::resolver
