#include "ops/edit/edit_steps.h"

#include "base/fs.h"
#include "ops/lock/lock_steps.h"

namespace pkg::ops {
namespace {

LockOptions lock_options(const EditOptions& options) {
  auto lock = options.sync.lock;
  lock.script = options.script;
  return lock;
}

// What the edited member needs, and what is needed where the command was called: an exact sync leaves both.
SyncOptions sync_options(const EditOptions& options) {
  auto sync = options.sync;
  if (!options.package.empty()) sync.members = {.packages = {options.package}, .all = false, .and_here = true};
  sync.lock.resolve.upgrade = false;  // that has been done
  sync.lock.resolve.upgrade_packages.clear();
  return sync;
}

std::filesystem::path lock_path(const EditedManifest& manifest, const EditOptions& options) {
  return options.script.empty() ? manifest.project()->root / "pylock.toml" : script_lock_path(manifest.path());
}

Result<LockSubject> subject_of(std::span<const EditedManifest> manifests, const LockOptions& options,
                               Session& session) {
  PKG_TRY_ASSIGN(auto subject, read_lock_subject(options, session));
  for (const auto& manifest : manifests) PKG_TRY(manifest.put_into(subject));
  settle(subject);
  return subject;
}

Result<LockReport> lock_edited(std::span<const EditedManifest> manifests, const EditOptions& options,
                               Session& session) {
  auto lock = lock_options(options);
  PKG_TRY_ASSIGN(const auto subject, subject_of(manifests, lock, session));
  const bool is_trial = !options.script.empty() && !fs::exists(subject.lock_path);  // `pkg lock --script` makes them
  lock.dry_run = options.dry_run || is_trial;
  PKG_TRY_ASSIGN(auto report, lock_subject(subject, lock, session_for(subject, session)));
  if (is_trial) {
    report.is_trial = true;
    report.dry_run = options.dry_run;
    report.changes.clear();
    report.build_changes.clear();
  }
  return report;
}

}  // namespace

Result<lock::LockFile> trial_lock(std::span<const EditedManifest> manifests, const EditOptions& options,
                                  Session& session) {
  auto trial = lock_options(options);
  trial.dry_run = true;
  PKG_TRY_ASSIGN(const auto subject, subject_of(manifests, trial, session));
  PKG_TRY_ASSIGN(auto report, lock_subject(subject, trial, session_for(subject, session)));
  if (!report.fresh) return std::move(report.lock);
  return read_lock_file(report.path);
}

Result<EditOutcome> carry_out_edits(std::span<EditedManifest> manifests, const EditOptions& options,
                                    const std::function<Status()>& last_edits, Session& session) {
  EditOutcome outcome;
  if (options.frozen) {
    for (auto& manifest : manifests)
      if (manifest.is_changed() && !options.dry_run) PKG_TRY(manifest.write());
    return outcome;
  }
  Undo undo;
  for (auto& manifest : manifests) {
    PKG_TRY(undo.remember(manifest.path()));
    if (manifest.lacks_block()) PKG_TRY(manifest.write());
  }
  PKG_TRY(undo.remember(lock_path(manifests.front(), options)));
  if (last_edits) PKG_TRY(last_edits());
  PKG_TRY_ASSIGN(outcome.lock, lock_edited(manifests, options, session));
  if (options.dry_run) return outcome;
  for (auto& manifest : manifests)
    if (manifest.is_changed()) PKG_TRY(manifest.write());
  if (!options.no_sync && options.script.empty()) {
    PKG_TRY_ASSIGN(outcome.sync, sync_lock(sync_options(options), session));
  }
  undo.keep();
  return outcome;
}

}  // namespace pkg::ops
