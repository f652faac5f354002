#include "ops/lock/first_lock.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "lock/foreign_lock.h"
#include "ops/lock/lock_steps.h"
#include "ops/lock/project_builds.h"

namespace pkg::ops {
namespace {

std::optional<FirstPins> pins_beside(const LockSubject& subject, std::vector<std::string>& warnings) {
  if (subject.is_script) return std::nullopt;
  for (const auto name : lock::kForeignLocks) {
    const auto path = subject.project.root / name;
    if (!fs::exists(path)) continue;
    auto pins = read_foreign_lock(path);
    if (pins) return FirstPins{std::move(pins->lock), std::string(name)};
    warnings.push_back(cat("ignored ", quote(name), ": ", pins.error().message));
  }
  return std::nullopt;
}

}  // namespace

Result<lock::ForeignPins> read_foreign_lock(const std::filesystem::path& path) {
  const auto name = path.filename().string();
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kLock));
  return told_of(lock::parse_foreign_lock(text, name, name), path, name);
}

Result<LockReport> lock_first(const LockSubject& subject, const LockOptions& options, const FirstPins* pins,
                              Session& session) {
  const auto start = std::chrono::steady_clock::now();
  auto report = begin_report(subject, options);
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject, options, session));
  std::optional<FirstPins> found;
  if (pins != nullptr) found = *pins;
  if (!found && !options.resolve.upgrade) found = pins_beside(subject, report.warnings);
  OldLock old;  // none: what is preferred stands in its place, so that commits stay, too
  std::vector<resolver::Preference> preferences;
  if (found && !options.resolve.upgrade) {
    report.notes.push_back(cat("no ", quote(subject.lock_path.filename().string()), " yet: the versions of ",
                               quote(found->file), " are preferred"));
    preferences = lock::preferences_of(found->lock);
    old.parsed = std::move(found->lock);
  }
  PKG_TRY(lock_anew(subject, options, requirements, old, preferences, report, session));
  report.changes = lock::difference({}, report.lock);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
