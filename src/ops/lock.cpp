// The way of a lock: read the inputs, compare their digest with the lock's, and only when they differ resolve for the whole universe with
// the old pins as preferences, and publish. docs/lockfile.md
#include "ops/lock.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/time.h"
#include "lock/pylock.h"
#include "ops/compile.h"
#include "ops/project_status.h"
#include "ops/universal.h"

namespace pkg::ops {
namespace {

using Clock = std::chrono::steady_clock;

// The lock that is there.
struct OldLock {
  std::string text;
  std::optional<lock::LockFile> parsed;  // absent: there is none, or it is damaged
};

Result<std::string> text_of(const std::filesystem::path& path) {
  auto text = fs::read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found) return std::string();
  return text;
}

// A damaged lock gives no preferences; what it said is lost anyhow.
OldLock parse_old(std::string text, const std::filesystem::path& path, std::vector<std::string>& warnings) {
  OldLock old;
  old.text = std::move(text);
  if (old.text.empty()) return old;
  auto parsed = lock::parse_pylock(old.text, path.filename().string());
  if (parsed)
    old.parsed = std::move(parsed).value();
  else
    warnings.push_back(cat("the lock that was there is left aside: ", parsed.error().message));
  return old;
}

bool wants_upgrade(const LockOptions& options) { return options.resolve.upgrade || !options.resolve.upgrade_packages.empty(); }

// --python counts where the project does not say which Pythons it is for: then the lock has to be opened to see what was chosen.
bool chooses_python(const LockSubject& subject, const LockOptions& options) {
  return !options.python.empty() && std::ranges::none_of(subject.project.members, [](const Member& m) {
    return m.pyproject.project && m.pyproject.project->has_requires_python;
  });
}

Error stale(const LockSubject& subject, const OldLock& old, const ProjectRequirements& requirements) {
  const auto name = quote(subject.lock_path.filename().string());
  const auto advice = subject.is_script ? "pkg lock --script" : "pkg lock";
  if (old.text.empty()) return make_error(ErrorKind::conflict, cat("there is no ", name), cat("make it: ", advice));
  Error error = make_error(ErrorKind::conflict, cat(name, " is not up to date"), cat("lock again: ", advice));
  if (old.parsed) error.context = differences(*old.parsed, subject, requirements);
  if (error.context.empty() && lock::quick_inputs_digest(old.text).empty())
    error.context.emplace_back("it was changed by hand, or by another tool");
  if (error.context.empty())
    error.context.emplace_back("the settings in [tool.pkg], the constraints or the indexes are others than before");
  return error;
}

// Of the project; else what the old lock says; else the interpreter's minor version and newer.
Result<pep::SpecifierSet> pythons_of(const ProjectRequirements& requirements, const LockOptions& options, const OldLock& old,
                                     Session& session, std::vector<std::string>& notes) {
  if (!requirements.requires_python.empty()) return requirements.requires_python;
  if (options.python.empty() && old.parsed && old.parsed->tool.version > 0 && old.parsed->requires_python)
    return *old.parsed->requires_python;
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(options.python, session));
  auto text = cat(">=", interpreter.target.environment.python_version);
  notes.push_back(cat("no requires-python is given: locking for Python ", text));
  return pep::SpecifierSet::parse(text);
}

struct Locked {
  lock::LockFile lock;
  std::vector<std::string> warnings;
};

Result<Locked> resolve_lock(const LockSubject& subject, const LockOptions& options, const ProjectRequirements& requirements,
                            const pep::SpecifierSet& requires_python, std::vector<resolver::Preference> preferences, Session& session) {
  PKG_TRY_ASSIGN(const auto problem, universal_problem(subject, options, requirements, requires_python, std::move(preferences), session));
  PKG_TRY(bind_indexes(requirements.index_of, session.settings()));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {});
  source.replace_metadata(subject.project.settings.dependency_metadata);
  PKG_TRY_ASSIGN(const auto resolution, solve(problem, source, session));
  Locked locked;
  locked.warnings = resolution.warnings;
  add_project_warnings(resolution, source, locked.warnings);
  auto header = lock_header(subject, requirements, requires_python, options.mirror_neutral, session);
  locked.lock = lock::lock_of(resolution, std::move(header), subject.lock_path.parent_path().string());
  return locked;
}

Status publish_lock(LockReport& report, const OldLock& old, const LockOptions& options, const Session& session) {
  const auto text = lock::write_pylock(report.lock);
  if (session.cancel().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  if (options.dry_run || text == old.text) return ok_status();
  PKG_TRY(fs::publish(report.path, text, fs::Durability::sync).with([&] { return cat("while writing ", quote(report.path.string())); }));
  report.written = true;
  return ok_status();
}

// The rest of locking once it is known that something is to be resolved.
Status lock_anew(const LockSubject& subject, const LockOptions& options, const ProjectRequirements& requirements, const OldLock& old,
                 std::vector<resolver::Preference> preferences, LockReport& report, Session& session) {
  PKG_TRY_ASSIGN(const auto requires_python, pythons_of(requirements, options, old, session, report.notes));
  PKG_TRY_ASSIGN(auto locked, resolve_lock(subject, options, requirements, requires_python, std::move(preferences), session));
  report.lock = std::move(locked.lock);
  report.warnings.insert(report.warnings.end(), locked.warnings.begin(), locked.warnings.end());
  report.changes = lock::difference(old.parsed.value_or(lock::LockFile{}), report.lock);
  return publish_lock(report, old, options, session);
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

LockReport begin_report(const LockSubject& subject, const LockOptions& options) {
  LockReport report;
  report.path = subject.lock_path;
  report.digest = subject.digest;
  report.dry_run = options.dry_run;
  return report;
}

}  // namespace

Result<LockReport> lock_project(const LockOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(options, session));
  return lock_subject(subject, options, session);
}

Result<LockReport> lock_subject(const LockSubject& subject, const LockOptions& options, Session& session) {
  const auto start = Clock::now();
  auto report = begin_report(subject, options);
  PKG_TRY_ASSIGN(auto text, text_of(subject.lock_path));
  report.fresh = !wants_upgrade(options) && !chooses_python(subject, options) && lock::quick_inputs_digest(text) == subject.digest;
  if (report.fresh) return report;
  const auto old = parse_old(std::move(text), subject.lock_path, report.warnings);
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject.project));
  if (options.check) return stale(subject, old, requirements);
  std::vector<resolver::Preference> preferences;
  if (old.parsed && !options.resolve.upgrade) preferences = lock::preferences_of(*old.parsed);
  PKG_TRY(lock_anew(subject, options, requirements, old, std::move(preferences), report, session));
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace pkg::ops
