#include "ops/lock/lock_steps.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "lock/pylock.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/target.h"
#include "ops/lock/lock_builds.h"
#include "ops/lock/lock_hashes.h"
#include "ops/lock/lock_told.h"
#include "ops/lock/project_builds.h"
#include "ops/lock/universal.h"
#include "ops/project/project_sources.h"
#include "ops/solve/project_status.h"
#include "resolver/parent_rules.h"
#include "resolver/wheel_metadata.h"

namespace pkg::ops {
namespace {

// Of the project; else what the old lock says; else the interpreter's minor version and newer.
Result<pep::SpecifierSet> pythons_of(const ProjectRequirements& requirements, const LockOptions& options,
                                     const OldLock& old, Session& session, std::vector<std::string>& notes) {
  if (!requirements.requires_python.empty()) return requirements.requires_python;
  if (options.python.empty() && old.parsed && old.parsed->tool.version > 0 && old.parsed->requires_python)
    return *old.parsed->requires_python;
  PKG_TRY_ASSIGN(
      const auto interpreter,
      interpreter_for(options.python.empty() ? python_of_project(project_home(session), session) : options.python,
                      session));
  auto text = cat(">=", interpreter.target.environment.python_version);
  notes.push_back(cat("no requires-python is given: locking for Python ", text));
  return pep::SpecifierSet::parse(text);
}

// What a release asks for before the project's rules, by the metadata of all of its wheels. True where nobody can tell.
Result<bool> states(const resolver::Pin& pin, const pep::Name& name, resolver::PackageSource& source) {
  std::vector<const pep::DistFile*> files;
  for (const auto& file : pin.files) files.push_back(&file);
  if (files.empty()) return true;
  for (const auto* file : resolver::wheels_that_differ(files)) {
    PKG_TRY_ASSIGN(const auto answer, source.metadata(*file));
    if (answer.metadata == nullptr) return true;
    for (const auto& requirement : answer.metadata->requires_dist)
      if (requirement.name == name) return true;
  }
  return false;
}

// Excludes of a parent that is in the lock, and in none of its releases there asks for that name.
Status warn_of_idle_excludes(std::span<const resolver::ParentRule> rules, const resolver::Resolution& resolution,
                             resolver::PackageSource& source, std::vector<std::string>& warnings) {
  for (const auto& rule : rules)
    for (const auto& name : rule.excludes) {
      bool is_there = false, is_stated = false;
      for (const auto& pin : resolution.pins) {
        if (is_stated || !resolver::holds_for(rule, pin.name, &pin.version)) continue;
        is_there = true;
        PKG_TRY_ASSIGN(is_stated, states(pin, name, source));
      }
      if (is_there && !is_stated)
        warnings.push_back(cat(quote(rule.parent.name.str()), " does not ask for ", quote(name.str()),
                               ": there is nothing to exclude (", rule.parent.origin.to_string(), ")"));
    }
  return ok_status();
}

struct Locked {
  lock::LockFile lock;
  std::vector<std::string> warnings;
};

// -P NAME of what the project does not need is most likely a slip.
void warn_of_unknown(const std::vector<std::string>& upgrade_packages, const lock::LockFile& lock,
                     std::vector<std::string>& warnings) {
  for (const auto& text : upgrade_packages) {
    const auto requirement = pep::Requirement::parse(text);
    if (!requirement) continue;
    const auto& name = requirement->name;
    const bool is_known = std::ranges::find(lock.packages, name, &lock::LockedPackage::name) != lock.packages.end() ||
                          std::ranges::find(lock.tool.build_packages, name, &lock::LockedPackage::name) !=
                              lock.tool.build_packages.end() ||
                          std::ranges::find(lock.tool.builds, name, &lock::LockedBuild::name) != lock.tool.builds.end();
    if (!is_known)
      warnings.push_back(cat(quote(requirement->name.str()), " is not in the lock: there is nothing to upgrade"));
  }
}

Result<Locked> resolve_lock(const LockSubject& subject, const LockOptions& options,
                            const ProjectRequirements& requirements, const pep::SpecifierSet& requires_python,
                            const OldLock& old, std::span<const resolver::Preference> preferences, Session& session) {
  PKG_TRY_ASSIGN(const auto problem,
                 universal_problem(subject, options, requirements, requires_python, preferences, session));
  PKG_TRY(check_indexes(requirements.index_rules, session.settings()));
  PKG_TRY_ASSIGN(auto* index, session.index());
  const auto builds = builds_keeping_commits(old.parsed, subject, requirements, session);
  LiveSource source(*index, {}, builds);
  source.set_editables(requirements.editable_urls);
  PKG_TRY_ASSIGN(auto resolution, solve(problem, source, session));
  PKG_TRY(complete_hashes(resolution, WhichHashes::needed, session));
  Locked locked;
  locked.warnings = resolution.warnings;
  add_project_warnings(resolution, source, locked.warnings);
  PKG_TRY(warn_of_idle_excludes(problem.parent_rules, resolution, source, locked.warnings));
  const auto header = lock_header(subject, requirements, requires_python, session);
  locked.lock = lock::lock_of(resolution, header, subject.lock_path.parent_path().string());
  PKG_TRY(lock::check_hashes(locked.lock));
  PKG_TRY(lock_builds({subject, old, resolution, header, builds}, locked.lock, locked.warnings, session));
  return locked;
}

using IndexesOf = std::map<pep::Name, std::set<std::string>>;

IndexesOf indexes_of(const lock::LockFile& lock) {
  IndexesOf found;
  for (const auto* packages : {&lock.packages, &lock.tool.build_packages})
    for (const auto& package : *packages)
      if (!package.index.empty()) found[package.name].insert(package.index);
  return found;
}

// A package that stays locked stays with its index: one that was put in front of it, or has the name for the first
// time, does not get it unasked. The project's sources and an upgrade are asking.
Status check_same_indexes(const lock::LockFile& old, const lock::LockFile& fresh, const LockOptions& options,
                          const ProjectRequirements& requirements) {
  if (options.resolve.upgrade) return ok_status();
  const auto lifted = upgraded_names(options.resolve.upgrade_packages);
  const auto before = indexes_of(old);
  std::vector<std::string> lines, names;
  for (const auto& [name, indexes] : indexes_of(fresh)) {
    const auto known = before.find(name);
    if (known == before.end() || lifted.contains(name) || resolver::has_index_rule(requirements.index_rules, name))
      continue;
    for (const auto& index : indexes) {
      if (known->second.contains(index)) continue;
      lines.push_back(cat(quote(name.str()), " is locked from ", quote(*known->second.begin()),
                          ", and would come from ", quote(index), " now"));
      names.push_back(name.str());
      break;
    }
  }
  if (lines.empty()) return ok_status();
  const bool is_one = lines.size() == 1;
  auto error = make_error(
      ErrorKind::conflict,
      is_one ? lines.front() : cat(lines.size(), " packages would come from another index than they are locked from"),
      cat("if that is meant: pkg lock ", is_one ? cat("-P ", names.front()) : std::string("-U"),
          "; otherwise bind it with `[tool.pkg.sources] ", names.front(), " = { index = \"NAME\" }`"));
  constexpr std::size_t kMostShown = 8;
  if (!is_one) error.context.assign(lines.begin(), lines.begin() + std::min(lines.size(), kMostShown));
  if (lines.size() > kMostShown) error.context.push_back(cat("and ", lines.size() - kMostShown, " more"));
  return error;
}

Status publish_lock(LockReport& report, const OldLock& old, const LockOptions& options, const Session& session) {
  const auto text = lock::write_pylock(report.lock);
  if (session.cancel().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  report.differs = text != old.text;
  if (options.dry_run || !report.differs) return ok_status();
  PKG_TRY(fs::publish(report.path, text, fs::Durability::untorn));
  report.written = true;
  return ok_status();
}

}  // namespace

Result<std::string> lock_text(const std::filesystem::path& path) {
  auto text = fs::read_file_at_most(path, limits::kLock);
  if (!text && text.error().kind == ErrorKind::not_found) return std::string();
  return text;
}

Result<lock::LockFile> read_lock_file(const std::filesystem::path& path, std::string* text) {
  PKG_TRY_ASSIGN(auto content, fs::read_file_at_most(path, limits::kLock).with("while reading the lock"));
  const auto name = path.filename().string();
  auto lock = told_of(lock::parse_pylock(content, name), path, name);
  if (text != nullptr) *text = std::move(content);
  return lock;
}

OldLock parse_old_lock(std::string text, const std::filesystem::path& path, std::vector<std::string>& warnings) {
  OldLock old;
  old.text = std::move(text);
  if (old.text.empty()) return old;
  const auto name = path.filename().string();
  auto parsed = told_of(lock::parse_pylock(old.text, name), path, name);
  if (parsed)
    old.parsed = std::move(parsed).value();
  else
    warnings.push_back(cat("ignored the lock that was there: ", parsed.error().message));
  return old;
}

LockReport begin_report(const LockSubject& subject, const LockOptions& options) {
  LockReport report;
  report.path = subject.lock_path;
  report.digest = subject.digest;
  report.dry_run = options.dry_run;
  return report;
}

Status lock_anew(const LockSubject& subject, const LockOptions& options, const ProjectRequirements& requirements,
                 const OldLock& old, std::span<const resolver::Preference> preferences, LockReport& report,
                 Session& session) {
  const auto& notes = subject.project.settings.notes;
  report.notes.insert(report.notes.end(), notes.begin(), notes.end());
  PKG_TRY_ASSIGN(const auto requires_python, pythons_of(requirements, options, old, session, report.notes));
  build_with_project_python(requires_python, options.python, session);
  PKG_TRY_ASSIGN(auto locked, resolve_lock(subject, options, requirements, requires_python, old, preferences, session));
  if (old.parsed) PKG_TRY(check_same_indexes(*old.parsed, locked.lock, options, requirements));
  report.lock = std::move(locked.lock);
  report.warnings.insert(report.warnings.end(), locked.warnings.begin(), locked.warnings.end());
  warn_of_unknown(options.resolve.upgrade_packages, report.lock, report.warnings);
  const auto before = old.parsed.value_or(lock::LockFile{});
  report.changes = lock::difference(before, report.lock);
  report.build_changes = lock::build_difference(before, report.lock);
  return publish_lock(report, old, options, session);
}

}  // namespace pkg::ops
