// The steps of a change: lock, recover, plan and check everything, journal, move the old away, build the new, commit by deleting the
// journal. Until that one deletion the journal says how to go back; after it only litter is left to delete. docs/transaction.md tells the
// whole story.
#include "venv/transaction.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "venv/bytecode.h"
#include "venv/discard.h"
#include "venv/install.h"
#include "venv/journal.h"
#include "venv/link.h"
#include "venv/link_check.h"
#include "venv/link_plan.h"
#include "venv/link_state.h"
#include "venv/ownership.h"
#include "venv/placement.h"
#include "venv/regular_file.h"
#include "venv/scripts.h"
#include "venv/survey.h"
#include "venv/uninstall.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kRecordsForThreads = 8;

// Everything known before the first write.
struct Prepared {
  explicit Prepared(const Boundary& boundary) : placement(boundary) {}
  Placement placement;
  Removal removal;
  LinkState links;
  std::string bytecode_ending;
  Journal journal;
  ChangeReport report;
};

// What is installed, in two parts. The lock is held: the caller's view may be older than a change that another process has just made.
struct Parts {
  std::vector<InstalledDist> remove, keep;
};

Result<Parts> divide(const Change& change, const Environment& environment) {
  PKG_TRY_ASSIGN(auto now, installed(environment));
  std::set<pep::Name> arriving;
  for (const auto& wheel : change.install) arriving.insert(wheel.wheel->manifest.name);
  std::unordered_set<std::string> leaving;
  for (const auto& dist : change.remove) leaving.insert(dist.info.native());
  Parts parts;
  for (auto& dist : now) {
    const bool goes = leaving.contains(dist.info.native()) || arriving.contains(dist.name);
    (goes ? parts.remove : parts.keep).push_back(std::move(dist));
  }
  return parts;
}

// REQUESTED beside a distribution that stays, and its row in RECORD.
Status mark_requested(Placement& placement, const InstalledDist& dist, std::span<const InstalledDist> kept) {
  const auto same = [&](const InstalledDist& other) { return other.info == dist.info; };
  if (dist.kind != InstalledKind::dist_info || !std::any_of(kept.begin(), kept.end(), same) || is_requested(dist)) return ok_status();
  const std::string info = resolved(dist.info.native());
  const auto dir = placement.dir(info);
  PKG_TRY(placement.write(dir, {"REQUESTED", "", false}, kNone));
  const auto record = read_regular(dist.info / "RECORD", kRecordLimit);
  if (!record.ok()) return ok_status();
  std::string text = *record;
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  append(text, record_path(std::string(parent_of(info)), join_path(info, "REQUESTED")),
         ",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n");
  return placement.write(dir, {"RECORD", std::move(text), false}, kNone);
}

// Which folders become links into the store, once everything in them was looked at.
Status choose_checked_links(Prepared& prepared, const Change& change, const CancelToken& cancel) {
  std::vector<bool> usable(change.install.size(), true);
  PKG_TRY(choose_links(prepared.placement, change.install, usable, prepared.removal));
  PKG_TRY_ASSIGN(usable, check_linked_folders(prepared.placement, change.install, cancel));
  if (std::find(usable.begin(), usable.end(), false) == usable.end()) return ok_status();
  unlink_again(prepared.placement);
  return choose_links(prepared.placement, change.install, usable, prepared.removal);
}

// Links that go, that have to become real folders, and that are made.
Status plan_links(Prepared& prepared, FolderLinks links, ClaimsOf& kept, const Change& change, const Environment& environment,
                  const ApplyOptions& options, const CancelToken& cancel) {
  PKG_TRY(split_links(prepared.placement, links, kept, prepared.removal, options.allow_overwrite));
  if (options.link_mode == LinkMode::symlink && !change.install.empty()) {
    if (environment.kind == EnvironmentKind::venv)
      PKG_TRY(choose_checked_links(prepared, change, cancel));
    else
      prepared.report.warnings.push_back("link mode `symlink` is for virtual environments: hard links are made here");
  }
  PKG_TRY_ASSIGN(prepared.links, plan_link_state(std::move(links), prepared.placement, prepared.removal));
  return ok_status();
}

Result<Prepared> prepare(const Change& change, const Environment& environment, const Boundary& boundary, const ApplyOptions& options,
                         const CancelToken& cancel) {
  Prepared prepared(boundary);
  Placement& placement = prepared.placement;
  PKG_TRY_ASSIGN(const Parts parts, divide(change, environment));
  for (std::uint32_t i = 0; i < change.install.size(); ++i) {
    const auto& wheel = change.install[i];
    const auto& manifest = wheel.wheel->manifest;
    if (options.verify_record && !manifest.record_verified)
      return make_error(ErrorKind::hash_mismatch,
                        cat("the files of ", quote(manifest.name.str()), " were not verified against RECORD when they were unpacked"));
    const auto doing = [&] {
      return cat("while planning the installation of ", quote(manifest.name.str()), ' ', manifest.version_as_written);
    };
    PKG_TRY(placement.add_wheel(*wheel.wheel).with(doing));
    PKG_TRY(add_written_files(placement, wheel, i, environment.layout.python.native()).with(doing));
  }
  for (const auto& dist : change.mark_requested) PKG_TRY(mark_requested(placement, dist, parts.keep));

  ClaimsOf kept(parts.keep);
  PKG_TRY_ASSIGN(auto links, FolderLinks::read(join_path(boundary.prefix(), ".pkg"), boundary));
  PKG_TRY_ASSIGN(prepared.removal, plan_removal(parts.remove, kept, links, boundary));
  for (auto& rewrite : prepared.removal.rewrites) {
    const auto dir = placement.dir(rewrite.folder);
    PKG_TRY(placement.write(dir, {rewrite.name, std::move(rewrite.content), false}, kNone));
  }
  PKG_TRY(plan_links(prepared, std::move(links), kept, change, environment, options, cancel));
  if (options.compile_bytecode) {
    PKG_TRY_ASSIGN(prepared.bytecode_ending, plan_bytecode(placement, environment));
  }
  PKG_TRY(settle_between_wheels(placement, change.install, options.allow_overwrite ? SamePath::last_wins : SamePath::refuse));
  PKG_TRY_ASSIGN(prepared.journal, survey(placement, change.install, prepared.removal, kept, options));
  PKG_TRY(add_to_journal(prepared.links, placement, options.compile_bytecode, prepared.journal));
  auto& warnings = prepared.report.warnings;
  warnings.insert(warnings.end(), prepared.removal.warnings.begin(), prepared.removal.warnings.end());
  return prepared;
}

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) return fs::errno_error("cannot make folder", path, errno);
  return ok_status();
}

enum class OnDisk : std::uint8_t { no, yes };

Status sync_file_system(const std::string& folder) {
  const fs::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) return fs::errno_error("cannot sync", folder, errno);
  return ok_status();
}

Status write_journal(const Journal& journal, const JournalPaths& paths, const Boundary& boundary, OnDisk on_disk) {
  PKG_TRY(make_folder(paths.folder));
  PKG_TRY(make_folder(paths.trash));
  const std::string bytes = journal.encode(boundary);
  fs::Fd out(::open(paths.journal_new.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!out) return fs::errno_error("cannot create", paths.journal_new, errno);
  PKG_TRY(fs::write_all(out.get(), bytes, paths.journal_new));
  PKG_TRY(out.close(paths.journal_new));
  if (on_disk == OnDisk::yes) PKG_TRY(sync_file_system(paths.folder));
  if (::rename(paths.journal_new.c_str(), paths.journal.c_str()) != 0) return fs::errno_error("cannot create", paths.journal, errno);
  return on_disk == OnDisk::yes ? sync_file_system(paths.folder) : ok_status();
}

Status move_away(const Journal& journal, const JournalPaths& paths, const CancelToken& cancel) {
  for (std::size_t i = 0; i < journal.moved.size(); ++i) {
    if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
    if (::rename(journal.moved[i].c_str(), cat(paths.trash, '/', i).c_str()) == 0 || errno == ENOENT) continue;
    if (errno == EXDEV)
      return make_error(ErrorKind::unsupported, cat(quote(journal.moved[i]), " lies on another file system than ", quote(paths.folder)),
                        "the folders of an environment have to be on one file system for it to be changed as a whole");
    return fs::errno_error("cannot move", journal.moved[i], errno);
  }
  return ok_status();
}

// The one step that makes the change so.
Status commit(const JournalPaths& paths, OnDisk on_disk) {
  if (on_disk == OnDisk::yes) PKG_TRY(sync_file_system(paths.folder));
  if (::unlink(paths.journal.c_str()) != 0) return fs::errno_error("cannot delete", paths.journal, errno);
  return ok_status();
}

// The content of every arriving distribution's RECORD.
void write_records(Placement& placement, const Change& change) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> records;  // index into written, wheel
  for (const auto& wheel : placement.wheels)
    for (const auto& file : placement.dirs[wheel.dist_info].files)
      if (file.wheel != kNone && file.written != kNone && placement.written[file.written].name == "RECORD")
        records.emplace_back(file.written, file.wheel);
  parallel_for(records.size(), records.size() < kRecordsForThreads ? 1 : core_count(), [&](std::size_t i) {
    const auto [at, wheel] = records[i];
    placement.written[at].content = record_text(placement, change.install[wheel].wheel->manifest, wheel);
  });
}

Status carry_out(Prepared& prepared, const Change& change, const Environment& environment, const ApplyOptions& options,
                 const JournalPaths& paths, const CancelToken& cancel) {
  Placement& placement = prepared.placement;
  PKG_TRY(move_away(prepared.journal, paths, cancel));
  Linker linker(options.link_mode);
  const auto fill_records = [&] { write_records(placement, change); };
  if (!options.compile_bytecode) fill_records();
  PKG_TRY_ASSIGN(prepared.report.files_created,
                 build(placement, change.install, linker, options.compile_bytecode ? Pass::but_records : Pass::all, cancel));
  if (options.compile_bytecode) {
    PKG_TRY_ASSIGN(const auto compiled, compile_bytecode(placement, environment, paths.compiled, cancel));
    prepared.report.files_created += compiled;
    fill_records();
    PKG_TRY_ASSIGN(const auto records, build(placement, change.install, linker, Pass::records, cancel));
    prepared.report.files_created += records;
    if (!prepared.bytecode_ending.empty()) {
      PKG_TRY_ASSIGN(const auto linked, compile_linked(placement, change.install, environment, prepared.bytecode_ending, cancel));
      prepared.report.files_created += linked;
    }
  }
  PKG_TRY(write_link_state(prepared.links, placement.boundary()));
  if (linker.copies()) note_environment(placement, change.install);
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  return commit(paths, options.sync_to_disk ? OnDisk::yes : OnDisk::no);
}

// Brings back the old state. The journal goes only when that has succeeded.
Status roll_back(const Journal& journal, const JournalPaths& paths) {
  PKG_TRY(undo(journal, paths));
  if (::unlink(paths.journal.c_str()) != 0 && errno != ENOENT) return fs::errno_error("cannot delete", paths.journal, errno);
  return discard(paths.folder);
}

Result<bool> recover_locked(const JournalPaths& paths, const Boundary& boundary) {
  if (!fs::exists(paths.folder)) return false;
  const auto bytes = fs::read_file(paths.journal);
  if (bytes.ok()) {
    auto journal = Journal::decode(*bytes, boundary);
    if (!journal.ok())
      return std::move(journal)
          .error()
          .with(cat("while recovering ", quote(boundary.prefix())))
          .with_hint(cat("what was replaced is in ", quote(paths.trash), "; making the environment anew is the sure way"));
    PKG_TRY(roll_back(*journal, paths));
    return true;
  }
  if (bytes.error().kind != ErrorKind::not_found) return bytes.error();
  PKG_TRY(discard(paths.folder));
  return true;
}

std::string lock_path(const Environment& environment) { return (environment.state_dir() / "lock").native(); }

Result<fs::FileLock> lock_environment(const Environment& environment, double wait_s) {
  for (int tries = 0;; ++tries) {
    PKG_TRY(fs::make_dirs(environment.state_dir()));
    auto lock = fs::FileLock::acquire(lock_path(environment), fs::LockMode::exclusive, wait_s);
    // Whoever had it before may be taking the folder away.
    if (lock.ok() || lock.error().kind != ErrorKind::not_found || tries == 100) return lock;
  }
}

// Folders that become something else (a --target, a --root for a package) are left without a trace; the lock is held.
void remove_traces(const Environment& environment) {
  if (environment.kind == EnvironmentKind::venv || environment.kind == EnvironmentKind::conda) return;
  (void)::unlink(lock_path(environment).c_str());
  (void)::rmdir(environment.state_dir().c_str());  // stays when there is something to recover
}

Result<ChangeReport> apply_locked(const Change& change, const Environment& environment, const ApplyOptions& options, Reporter& reporter,
                                  const CancelToken& cancel) {
  const Boundary boundary(environment.layout);
  const JournalPaths paths(resolved(environment.state_dir().native()));
  PKG_TRY(recover_locked(paths, boundary));
  PKG_TRY_ASSIGN(auto prepared, prepare(change, environment, boundary, options, cancel));
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  prepared.report.files_removed = prepared.removal.files;
  if (prepared.journal.moved.empty() && prepared.journal.created.empty()) return std::move(prepared.report);

  auto begun = write_journal(prepared.journal, paths, boundary, options.sync_to_disk ? OnDisk::yes : OnDisk::no);
  Status done = begun.ok() ? carry_out(prepared, change, environment, options, paths, cancel) : std::move(begun);
  if (!done.ok()) {
    Error error = std::move(done).error();
    if (const auto back = roll_back(prepared.journal, paths); !back.ok())
      error.context.push_back(cat("the previous state will be brought back by the next command, because now: ", back.error().message));
    return error;
  }
  // Committed: what is left is litter, and the next command's business should this fail.
  if (const auto cleaned = discard(paths.folder); !cleaned.ok()) reporter.note(cleaned.error().message);
  return std::move(prepared.report);
}

}  // namespace

Result<ChangeReport> apply(const Change& change, const Environment& environment, const ApplyOptions& options, Reporter& reporter,
                           const CancelToken& cancel) {
  PKG_TRY_ASSIGN(const auto lock, lock_environment(environment, options.lock_wait_s));
  auto report = apply_locked(change, environment, options, reporter, cancel);
  remove_traces(environment);
  return report;
}

Result<bool> recover(const Environment& environment) {
  const JournalPaths paths(environment.state_dir().native());
  struct stat info;
  if (::lstat(paths.folder.c_str(), &info) != 0) return false;
  auto lock = lock_environment(environment, 0);
  if (!lock.ok()) {
    if (lock.error().kind == ErrorKind::busy) return false;  // its owner is alive
    return std::move(lock).error();
  }
  return recover_locked(JournalPaths(resolved(environment.state_dir().native())), Boundary(environment.layout));
}

Result<std::vector<std::filesystem::path>> owned_files(const InstalledDist& dist, const Environment& environment) {
  const Boundary boundary(environment.layout);
  ClaimsOf nobody({});
  PKG_TRY_ASSIGN(const auto links, FolderLinks::read(join_path(boundary.prefix(), ".pkg"), boundary));
  PKG_TRY_ASSIGN(const auto removal, plan_removal(std::span(&dist, 1), nobody, links, boundary));
  std::vector<std::filesystem::path> files;
  for (const auto& path : removal.moved) PKG_TRY(list_files(path, files));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace pkg::venv
