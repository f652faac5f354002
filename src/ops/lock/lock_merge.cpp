// `pkg lock --merge`: what git asks a merge driver for. It is asked before the merged pyproject.toml is written, so
// what the merged project asks for is taken from the three locks, which say it, and the lock counts as stale until it
// is compared with pyproject.toml again. docs/reference/lockfile.md#merging
#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "lock/locked_source.h"
#include "lock/merge.h"
#include "lock/pylock.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_steps.h"
#include "ops/lock/project_builds.h"
#include "pep/requirement.h"

namespace pkg::ops {
namespace {

struct Side {
  std::string text;
  lock::LockFile lock;
};

// An empty file is a lock that was not there.
Result<Side> read_side(const std::string& file, const Session& session) {
  PKG_TRY_ASSIGN(auto text,
                 fs::read_file_at_most(session.working_folder() / file, limits::kLock).with("while merging locks"));
  if (trim(text).empty()) return Side{};
  PKG_TRY_ASSIGN(auto lock, lock::parse_pylock(text, file));
  return Side{std::move(text), std::move(lock)};
}

// What either side added, and what neither side took away.
template <class T>
std::vector<T> merged(const std::vector<T>& base, const std::vector<T>& ours, const std::vector<T>& theirs) {
  const auto has = [](const std::vector<T>& list, const T& item) {
    return std::ranges::find(list, item) != list.end();
  };
  std::set<T> result;
  for (const auto* side : {&ours, &theirs}) {
    const auto* other = side == &ours ? &theirs : &ours;
    for (const auto& item : *side)
      if (has(*other, item) || !has(base, item)) result.insert(item);
  }
  return {result.begin(), result.end()};
}

Result<ProjectRequirements> merged_requirements(const Side& base, const Side& ours, const Side& theirs,
                                                ProjectRequirements now, const std::string& folder) {
  ProjectRequirements result;
  for (const auto& text :
       merged(base.lock.tool.requirements, ours.lock.tool.requirements, theirs.lock.tool.requirements)) {
    PKG_TRY_ASSIGN(auto requirement, lock::requirement_of(text, folder).with("in the locks that are merged"));
    requirement.origin = Origin{.file = "the merged locks", .what = {}, .line = 0, .column = 0};
    result.requirements.push_back(std::move(requirement));
  }
  result.extras = merged(base.lock.extras, ours.lock.extras, theirs.lock.extras);
  result.groups = merged(base.lock.dependency_groups, ours.lock.dependency_groups, theirs.lock.dependency_groups);
  result.default_groups = merged(base.lock.default_groups, ours.lock.default_groups, theirs.lock.default_groups);
  const bool theirs_moved = theirs.lock.requires_python != base.lock.requires_python;
  const auto& python =
      theirs_moved && theirs.lock.requires_python ? theirs.lock.requires_python : ours.lock.requires_python;
  if (python) result.requires_python = *python;
  result.index_rules = std::move(now.index_rules);
  result.constraints = std::move(now.constraints);
  result.group_pythons = std::move(now.group_pythons);
  result.editable_urls = std::move(now.editable_urls);
  return result;
}

std::set<std::string> texts(const std::vector<pep::Requirement>& requirements) {
  std::set<std::string> list;
  for (const auto& requirement : requirements) list.insert(requirement.to_string());
  return list;
}

}  // namespace

Result<LockReport> merge_locks(const MergeFiles& files, const LockOptions& options, Session& given) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(const auto base, read_side(files.base, given));
  PKG_TRY_ASSIGN(const auto ours, read_side(files.ours, given));
  PKG_TRY_ASSIGN(const auto theirs, read_side(files.theirs, given));
  auto lock_options = options;
  lock_options.output = files.ours;
  if (!options.mirror_neutral) lock_options.mirror_neutral = ours.lock.tool.mirror_neutral;
  PKG_TRY_ASSIGN(auto subject, read_lock_subject(lock_options, given));
  auto& session = session_for(subject, given);
  auto report = begin_report(subject, lock_options);
  auto merge = lock::merge(base.lock, ours.lock, theirs.lock);
  if (merge.trivial) {
    const auto& side = merge.taken == &theirs.lock ? theirs : ours;
    report.lock = side.lock;
    report.changes = lock::difference(ours.lock, side.lock);
    report.written = !options.dry_run && side.text != ours.text;
    if (report.written) PKG_TRY(fs::publish(report.path, side.text, fs::Durability::untorn));
    return report;
  }
  PKG_TRY_ASSIGN(auto now, requirements_of(subject, options, session));
  const auto asked = texts(now.requirements);
  PKG_TRY_ASSIGN(const auto requirements,
                 merged_requirements(base, ours, theirs, std::move(now), subject.lock_path.parent_path().native()));
  if (texts(requirements.requirements) != asked) subject.digest = kMergedDigest;
  const OldLock old{ours.text, ours.lock};
  PKG_TRY(lock_anew(subject, lock_options, requirements, old, std::move(merge.preferences), report, session));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
