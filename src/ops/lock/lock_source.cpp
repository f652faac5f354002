#include "ops/lock/lock_source.h"

#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "lock/pylock.h"
#include "ops/lock/lock_steps.h"
#include "ops/project/build_settings.h"
#include "ops/project/member_indexes.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// The project's lock, found without reading a project where it is beside the nearest pyproject.toml; that of a
// workspace is at its root.
Result<stdfs::path> nearest_lock(const stdfs::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (fs::exists(folder / "pylock.toml")) return folder / "pylock.toml";
    if (fs::exists(folder / "pyproject.toml")) {
      PKG_TRY_ASSIGN(const auto project, open_project(start));
      if (fs::exists(project.root / "pylock.toml")) return project.root / "pylock.toml";
      break;
    }
    if (folder == folder.parent_path() || folder.empty()) break;
  }
  return make_error(ErrorKind::not_found, cat("there is no `pylock.toml` for ", quote(start.string())),
                    "make it: pkg lock");
}

// Of a project that cannot be read nothing is installed but its lock.
std::optional<Project> project_at(const stdfs::path& root, const stdfs::path& start, Reporter& reporter) {
  if (!fs::exists(root / "pyproject.toml")) return std::nullopt;
  auto project = open_project(start, reporter);
  if (!project || project->root != root) return std::nullopt;
  return std::move(project).value();
}

}  // namespace

Result<LockSource> find_lock(const LockUse& use, const Session& session) {
  const auto& folder = session.working_folder();
  if (!use.file.empty()) return LockSource{(folder / use.file).lexically_normal(), std::nullopt, std::nullopt};
  if (use.frozen && !use.lock.script.empty())
    return LockSource{script_lock_path(folder / use.lock.script), std::nullopt, std::nullopt};
  if (use.frozen) {
    PKG_TRY_ASSIGN(auto path, nearest_lock(folder));
    auto project = project_at(path.parent_path(), folder, session.reporter());
    return LockSource{std::move(path), std::nullopt, std::move(project)};
  }
  auto subject = read_lock_subject(use.lock, session);
  if (subject) {
    auto path = subject->lock_path;
    return LockSource{std::move(path), std::move(subject).value(), std::nullopt};
  }
  // A lock without a project beside it is taken as it is.
  const bool no_project = subject.error().kind == ErrorKind::not_found && use.lock.script.empty() && !use.locked;
  if (no_project && fs::exists(folder / "pylock.toml"))
    return LockSource{folder / "pylock.toml", std::nullopt, std::nullopt};
  return std::move(subject).error();
}

Session& session_for(const LockSource& source, Session& session) {
  if (source.subject) return session_for(*source.subject, session);
  if (!source.frozen) return session;
  auto build_options = session.build_options();
  apply_build_settings(source.frozen->settings.build, build_options);
  auto settings = session.settings();
  (void)add_member_indexes(*source.frozen, settings);  // faults concern those who lock
  return session.with(settings, build_options);
}

Result<OpenedLock> open_lock(const LockUse& use, const LockSource& source, Session& session) {
  OpenedLock opened;
  if (source.subject) {
    auto options = use.lock;
    options.check = use.locked;
    options.dry_run = use.dry_run;
    PKG_TRY_ASSIGN(opened.report, lock_subject(*source.subject, options, session));
    if (!opened.report->fresh) {
      opened.lock = opened.report->lock;
      opened.digest = opened.report->lock.tool.inputs_digest;
      return opened;
    }
  }
  std::string text;
  PKG_TRY_ASSIGN(opened.lock, read_lock_file(source.path, &text));
  opened.digest = lock::quick_inputs_digest(text);
  // A lock that was written before pkg kept them.
  if (const auto* project = source.project(); project != nullptr && opened.lock.tool.conflicts.empty())
    opened.lock.tool.conflicts = project->settings.conflicts;
  return opened;
}

LockPlace place_of(const LockSource& source) {
  LockPlace place{.folder = source.path.parent_path(), .name = source.path.filename().string()};
  if (const auto* project = source.project())
    for (const auto& member : project->members) place.projects.push_back(member.folder);
  return place;
}

}  // namespace pkg::ops
