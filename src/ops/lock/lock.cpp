// The way of a lock: read the inputs, compare their digest with the lock's, and only when they differ resolve for the
// whole universe with the old pins as preferences, and publish. docs/reference/lockfile.md
#include "ops/lock/lock.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "lock/pylock.h"
#include "ops/lock/first_lock.h"
#include "ops/lock/lock_steps.h"
#include "ops/lock/lock_told.h"
#include "ops/lock/project_builds.h"
#include "ops/project/local_trees.h"

namespace pkg::ops {
namespace {

bool wants_upgrade(const LockOptions& options) {
  return options.resolve.upgrade || !options.resolve.upgrade_packages.empty();
}

// --python counts where the project does not say which Pythons it is for: then the lock has to be opened to see what
// was chosen.
bool chooses_python(const LockSubject& subject, const LockOptions& options) {
  return !options.python.empty() && std::ranges::none_of(subject.project.members, [](const Member& m) {
    return m.pyproject.project && m.pyproject.project->has_requires_python;
  });
}

Error stale(const LockSubject& subject, const OldLock& old) {
  const auto name = quote(subject.lock_path.filename().string());
  const auto advice = subject.is_script ? "pkg lock --script" : "pkg lock";
  if (old.text.empty()) return make_error(ErrorKind::conflict, cat("there is no ", name), cat("make it: ", advice));
  Error error = make_error(ErrorKind::conflict, cat(name, " is not up to date"), cat("lock again: ", advice));
  if (old.parsed && old.parsed->tool.inputs_digest == kMergedDigest) {
    error.context.emplace_back("it is the outcome of a merge, and was not compared with pyproject.toml since");
    return error;
  }
  // What only a build could tell is not compared.
  const auto requirements = requirements_of(subject.project);
  if (!requirements && requirements.error().kind != ErrorKind::unsupported) return requirements.error();
  if (old.parsed && requirements) error.context = differences(*old.parsed, subject, *requirements);
  if (error.context.empty() && lock::quick_inputs_digest(old.text).empty())
    error.context.emplace_back("it was changed by hand, or by another tool");
  if (error.context.empty()) error.context.push_back(unnamed_difference(subject));
  return error;
}

// --check with an upgrade: what would be locked now is compared.
Error outdated(const LockReport& report) {
  auto error = make_error(ErrorKind::conflict, cat(quote(report.path.filename().string()), " is not up to date"),
                          "lock again with the same options, and without --check");
  const auto words = [](const std::vector<pep::Version>& versions) {
    std::vector<std::string> texts;
    for (const auto& version : versions) texts.push_back(version.to_string());
    return texts.empty() ? std::string("none") : join(texts, ", ");
  };
  for (const auto* changes : {&report.changes, &report.build_changes}) {
    for (const auto& change : *changes) {
      const auto before = words(change.before), after = words(change.after);
      error.context.push_back(cat(
          changes == &report.build_changes ? "to build with, " : "", quote(change.name.str()),
          before == after ? " would have other files or markers, at " : cat(" is ", before, ", and would be "), after));
    }
  }
  return error;
}

}  // namespace

Result<LockReport> lock_project(const LockOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(options, session));
  return lock_subject(subject, options, session_for(subject, session));
}

Result<LockReport> lock_subject(const LockSubject& subject, const LockOptions& options, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  auto report = begin_report(subject, options);
  PKG_TRY_ASSIGN(auto text, lock_text(subject.lock_path));
  report.fresh = !text.empty() && !wants_upgrade(options) && !chooses_python(subject, options) &&
                 fits(subject, options, lock::quick_inputs_digest(text));
  if (report.fresh) return report;
  if (text.empty() && !options.check) return lock_first(subject, options, nullptr, session);
  const auto old = parse_old_lock(std::move(text), subject.lock_path, report.warnings);
  if (!options.mirror_neutral && old.parsed && old.parsed->tool.mirror_neutral) {
    auto neutral = options;
    neutral.mirror_neutral = true;
    return lock_subject(made_neutral(subject), neutral, session);
  }
  const bool is_asked_the_same = lock::quick_inputs_digest(old.text) == subject.digest;
  if (options.check && !(wants_upgrade(options) && is_asked_the_same)) return stale(subject, old);
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject, options, session));
  std::vector<resolver::Preference> preferences;
  if (old.parsed && !options.resolve.upgrade) preferences = lock::preferences_of(*old.parsed);
  auto locking = options;
  locking.dry_run = options.dry_run || options.check;
  PKG_TRY(lock_anew(subject, locking, requirements, old, preferences, report, session));
  if (options.check && report.differs) return outdated(report);
  report.fresh = options.check;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
