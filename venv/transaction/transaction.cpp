// A change of an environment, whole or not at all, whenever the process dies. docs/internals/transaction.md tells the
// whole story; the steps below are those of apply_held().
//
//   hold      the lock of the environment, and its folders by descriptor: nothing is looked up by path twice
//   recover   what an earlier process left undone is undone first
//   prepare   everything that can fail without a write fails here: wheels, RECORDs, owners, room, links
//   begin     the journal is written: paths that will be moved away, topmost paths that will be made
//   carry out move the old into tx/trash, build the new, RECORDs last
//   commit    the journal is deleted. That one unlink is the change; after it only litter is left
//
// The idea: never overwrite, never delete what was there. The old is renamed into the trash, the new is made beside
// it, so going back is always possible with what is on the disk, and needs no space. While the journal exists the
// change has not happened.
//
// Invariants. (1) The journal is complete before the first move, and names every path that the change will touch.
// (2) Everything that is moved is moved before anything is made: what lies at a path of both lists is new exactly if
// trash has its old form. (3) Undoing is a sequence of steps that may each be repeated, and the journal goes last: an
// undo that is killed is undone again. (4) Going back after an error and recovery by the next command are the same
// function (roll_back).
//
// Example: upgrading a 1 to a 2. Journal: moved {site-packages/a, site-packages/a-1.dist-info}, created
// {site-packages/a, site-packages/a-2.dist-info}. Killed between the moves: trash/0 exists and trash/1 does not, so a
// goes back and a-1.dist-info never left. Killed while a 2 is being built: the half of it is put aside, both come back.
#include "venv/transaction/transaction.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/beneath.h"
#include "base/fs.h"
#include "base/fs_lock.h"
#include "base/hash.h"
#include "base/text.h"
#include "pep/launcher.h"
#include "pep/record.h"
#include "venv/ground.h"
#include "venv/link/link.h"
#include "venv/link/link_check.h"
#include "venv/link/link_plan.h"
#include "venv/link/link_state.h"
#include "venv/replace.h"
#include "venv/site_files.h"
#include "venv/transaction/bytecode.h"
#include "venv/transaction/comeback.h"
#include "venv/transaction/done_by_others.h"
#include "venv/transaction/install.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/mend.h"
#include "venv/transaction/origins.h"
#include "venv/transaction/overwritten.h"
#include "venv/transaction/ownership.h"
#include "venv/transaction/parallel_remove.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/preflight.h"
#include "venv/transaction/recovery.h"
#include "venv/transaction/scripts.h"
#include "venv/transaction/state_folder.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kRecordsForThreads = 8;
constexpr const char* kLockName = "lock";

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

// What is installed, in two parts. The lock is held: the caller's view may be older than a change that another process
// has just made.
struct Parts {
  std::vector<InstalledDist> remove, keep;
};

Parts divide(const Change& change, std::vector<InstalledDist> now) {
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

std::set<pep::Name> written_over(const Change& change) {
  std::set<pep::Name> names;
  for (const auto& wheel : change.install)
    if (wheel.over_unknown_files) names.insert(wheel.wheel->manifest.name);
  return names;
}

// REQUESTED beside a distribution that stays, and its row in RECORD.
Status mark_requested(Placement& placement, const InstalledDist& dist, std::span<const InstalledDist> kept) {
  const auto same = [&](const InstalledDist& other) { return other.info == dist.info; };
  if (dist.kind != InstalledKind::dist_info || !std::any_of(kept.begin(), kept.end(), same) || is_requested(dist))
    return ok_status();
  const std::string info = resolved(dist.info.native());
  const auto dir = placement.dir(info);
  PKG_TRY(placement.write(dir, {"REQUESTED", "", false}, kNone));
  auto record = read_record_text(dist);
  if (!record.ok()) return ok_status();
  std::string text = *std::move(record);
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  pep::append_record_row(text, cat(name_of(info), '/'), "REQUESTED", hash::sha256({}), 0);
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
Status plan_links(Prepared& prepared, FolderLinks links, ClaimsOf& kept, const Change& change,
                  const Environment& environment, const ApplyOptions& options, const StateKey& key,
                  const CancelToken& cancel) {
  PKG_TRY(split_links(prepared.placement, links, kept, prepared.removal));
  if (options.link_mode == LinkMode::symlink && !change.install.empty()) {
    if (!key.is_kept())
      prepared.report.warnings.push_back(
          cat("hard links are made, not links to folders: pkg could not know them again: ", key.problem()));
    else if (environment.kind == EnvironmentKind::venv)
      PKG_TRY(choose_checked_links(prepared, change, cancel));
    else
      prepared.report.warnings.push_back("link mode `symlink` is for virtual environments: hard links are made here");
  }
  PKG_TRY_ASSIGN(prepared.links, plan_link_state(std::move(links), prepared.placement, prepared.removal));
  return ok_status();
}

// Folders that are made once and packed (--target, --prefix, --root) keep nothing of what is overwritten.
bool keeps_overwritten(EnvironmentKind kind) {
  return kind == EnvironmentKind::venv || kind == EnvironmentKind::conda || kind == EnvironmentKind::system;
}

// Whose file lies where, held against the disk.
Status settle_paths(Prepared& prepared, const Change& change, std::span<const InstalledDist> stays, Ground& ground,
                    const ApplyOptions& options, ClaimsOf& kept) {
  PKG_TRY_ASSIGN(const auto before, Overwritten::read(ground.boundary()));
  Contests contests(change.install, options, before, keeps_overwritten(ground.kind()));
  PKG_TRY(settle_between_wheels(prepared.placement, contests));
  PKG_TRY_ASSIGN(auto settled, preflight(prepared.placement, ground, stays, prepared.removal, kept, contests));
  prepared.journal = std::move(settled.journal);
  prepared.report.conflicts = contests.report(ground.boundary());
  prepared.report.brought_back = std::move(settled.brought_back);
  auto& warnings = prepared.report.warnings;
  warnings.insert(warnings.end(), settled.warnings.begin(), settled.warnings.end());
  for (auto& warning : warnings_of_lost(prepared.placement, ground, before, prepared.removal.shared))
    warnings.push_back(std::move(warning));
  return ok_status();
}

Result<Prepared> prepare(const Change& change, const Parts& parts, const Environment& environment, Ground& ground,
                         const ApplyOptions& options, const StateKey& key, const CancelToken& cancel) {
  const Boundary& boundary = ground.boundary();
  Prepared prepared(boundary);
  Placement& placement = prepared.placement;
  const auto python = environment.relocatable ? std::string(pep::kPythonBeside) : environment.layout.python.native();
  for (std::uint32_t i = 0; i < change.install.size(); ++i) {
    const auto& wheel = change.install[i];
    const auto& manifest = wheel.wheel->manifest;
    if (options.verify_record && !manifest.record_verified)
      return make_error(ErrorKind::hash_mismatch, cat("the files of ", quote(manifest.name.str()),
                                                      " were not verified against RECORD when they were unpacked"));
    const auto doing = [&] {
      return cat("while planning the installation of ", quote(manifest.name.str()), ' ', manifest.version_as_written);
    };
    PKG_TRY(placement.add_wheel(*wheel.wheel).with(doing));
    PKG_TRY(add_written_files(placement, wheel, i, python).with(doing));
  }
  if (change.mend) PKG_TRY(plan_mending(placement, parts.keep, environment));
  for (const auto& dist : change.mark_requested) PKG_TRY(mark_requested(placement, dist, parts.keep));

  ClaimsOf kept(parts.keep);
  PKG_TRY_ASSIGN(auto links, FolderLinks::read(environment, boundary, key));
  PKG_TRY_ASSIGN(prepared.removal, plan_removal(parts.remove, kept, links, boundary, written_over(change)));
  for (auto& rewrite : prepared.removal.rewrites) {
    const auto dir = placement.dir(rewrite.folder);
    PKG_TRY(placement.write(dir, {rewrite.name, std::move(rewrite.content), false}, kNone));
  }
  PKG_TRY(plan_links(prepared, std::move(links), kept, change, environment, options, key, cancel));
  if (options.compile_bytecode) {
    PKG_TRY_ASSIGN(prepared.bytecode_ending, plan_bytecode(placement, environment));
  }
  PKG_TRY(settle_paths(prepared, change, parts.keep, ground, options, kept));
  PKG_TRY(add_to_journal(prepared.links, placement, options.compile_bytecode, prepared.journal));
  find_in_trash(placement.brought, prepared.journal.moved);
  auto& warnings = prepared.report.warnings;
  warnings.insert(warnings.end(), prepared.removal.warnings.begin(), prepared.removal.warnings.end());
  return prepared;
}

enum class OnDisk : std::uint8_t { no, yes };

Result<TxFolder> begin(const Journal& journal, const StateFolder& state, const Boundary& boundary, const StateKey& key,
                       OnDisk on_disk) {
  PKG_TRY_ASSIGN(auto tx, TxFolder::make(state));
  PKG_TRY(tx.write_journal(journal.encode(boundary, key)));
  if (on_disk == OnDisk::yes) PKG_TRY(tx.sync());
  PKG_TRY(tx.publish_journal());
  if (on_disk == OnDisk::yes) PKG_TRY(tx.sync());
  return tx;
}

Status move_away(const Journal& journal, Ground& ground, const TxFolder& tx, const CancelToken& cancel) {
  for (std::size_t i = 0; i < journal.moved.size(); ++i) {
    if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
    const auto spot = ground.spot(journal.moved[i]);
    if (!spot.ok() && spot.error().kind == ErrorKind::not_found) continue;
    if (!spot.ok()) return spot.error();
    PKG_TRY(tx.take(i, *spot, journal.moved[i]));
  }
  ground.forget();
  return ok_status();
}

// The one step that makes the change so.
Status commit(const TxFolder& tx, OnDisk on_disk) {
  if (on_disk == OnDisk::yes) PKG_TRY(tx.sync());
  return tx.delete_journal();
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
                 const StateKey& key, Ground& ground, const StateFolder& state, const TxFolder& tx,
                 const CancelToken& cancel) {
  Placement& placement = prepared.placement;
  PKG_TRY(move_away(prepared.journal, ground, tx, cancel));
  Linker linker(options.link_mode);
  const auto fill_records = [&] { write_records(placement, change); };
  if (!options.compile_bytecode) fill_records();
  PKG_TRY_ASSIGN(prepared.report.files_created,
                 build(placement, ground, change.install, linker,
                       options.compile_bytecode ? Pass::but_records : Pass::all, tx.trash(), cancel));
  if (options.compile_bytecode) {
    PKG_TRY_ASSIGN(const auto compiled, compile_bytecode(placement, ground, tx, environment, cancel));
    prepared.report.files_created += compiled;
    fill_records();
    PKG_TRY_ASSIGN(const auto records,
                   build(placement, ground, change.install, linker, Pass::records, tx.trash(), cancel));
    prepared.report.files_created += records;
    if (!prepared.bytecode_ending.empty()) {
      PKG_TRY_ASSIGN(const auto linked, compile_linked(placement, ground, tx, change.install, environment,
                                                       prepared.bytecode_ending, cancel));
      prepared.report.files_created += linked;
    }
  }
  PKG_TRY(write_link_state(prepared.links, state, placement.boundary(), key));
  if (linker.copies()) note_environment(placement, change.install);
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  return commit(tx, options.sync_to_disk ? OnDisk::yes : OnDisk::no);
}

// An environment that nobody else changes meanwhile.
struct Held {
  std::unique_ptr<Ground> ground;
  std::unique_ptr<StateFolder> state;
  fs::HeldLock lock;
};

// What lies in `.pkg` besides the transaction is the user's own, or absent.
Status check_state(const StateFolder& state) {
  for (const char* name : {"lock", kFolderLinksName, "sync", "trees", kOriginsName})
    PKG_TRY(state.check(name, StateKind::file));
  PKG_TRY(state.check(kOverwrittenName, StateKind::folder));
  return state.check("bytecode", StateKind::folder);
}

// What is there now has other folders when it is for another Python.
Status check_same_python(const Environment& environment) {
  const auto& prefix = environment.layout.prefix;
  if (fs::exists(prefix / "pyvenv.cfg") && fs::is_directory(environment.layout.purelib)) return ok_status();
  return make_error(ErrorKind::conflict,
                    cat("the environment ", quote(prefix.native()), " was replaced by another command meanwhile"),
                    "run the command again");
}

// One try. not_found: while we waited the folder, or `.pkg` in it, was taken away.
Result<Held> try_hold(const Environment& environment, double wait_s, std::string_view verb) {
  PKG_TRY_ASSIGN(auto ground, Ground::open(environment));
  Held held{std::make_unique<Ground>(std::move(ground)), nullptr, {}};
  PKG_TRY_ASSIGN(auto state, StateFolder::make(*held.ground));
  PKG_TRY(check_state(state));
  held.state = std::make_unique<StateFolder>(std::move(state));
  PKG_TRY_ASSIGN(held.lock, fs::lock_file_at(held.state->fd(), kLockName, held.state->path(kLockName),
                                             fs::LockMode::exclusive, wait_s, verb));
  if (!leads_to(held.ground->boundary().prefix(), held.ground->prefix()))
    return make_error(ErrorKind::not_found, "the folder was replaced by another");
  return held;
}

// Whoever had the lock before may have taken the folder away, or put another environment in its place.
Result<Held> hold(const Environment& environment, double wait_s, std::string_view verb) {
  PKG_TRY(fs::make_dirs(environment.layout.prefix));
  for (int tries = 0;; ++tries) {
    auto held = try_hold(environment, wait_s, verb);
    if (held.ok() || held.error().kind != ErrorKind::not_found || tries == 100) {
      if (held.ok() && tries > 0 && environment.kind == EnvironmentKind::venv) PKG_TRY(check_same_python(environment));
      return held;
    }
    if (environment.kind != EnvironmentKind::venv) PKG_TRY(fs::make_dirs(environment.layout.prefix));
  }
}

// Folders that become something else (a --target, a --root for a package) are left without a trace; the lock is held.
void remove_traces(const Held& held) {
  const auto kind = held.ground->kind();
  if (kind == EnvironmentKind::venv || kind == EnvironmentKind::conda) return;
  (void)::unlinkat(held.state->fd(), kLockName, 0);
  (void)::unlinkat(held.ground->prefix(), ".pkg", AT_REMOVEDIR);  // stays when there is something to recover
}

Result<ChangeReport> apply_held(const Change& asked, const Environment& environment, const ApplyOptions& options,
                                const StateKey& key, const Held& held, Reporter& reporter, const CancelToken& cancel) {
  Ground& ground = *held.ground;
  PKG_TRY(recover_in(ground, *held.state, key));
  PKG_TRY_ASSIGN(auto now, installed(environment));
  const Change change = without_done(asked, now);
  const Parts parts = divide(change, std::move(now));
  PKG_TRY_ASSIGN(auto prepared, prepare(change, parts, environment, ground, options, key, cancel));
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  prepared.report.files_removed = prepared.removal.files;
  if (prepared.journal.moved.empty() && prepared.journal.created.empty()) return std::move(prepared.report);
  if (!key.is_kept())
    reporter.note(cat("should this command be killed, the next one could not undo it: ", key.problem()));

  auto tx =
      begin(prepared.journal, *held.state, ground.boundary(), key, options.sync_to_disk ? OnDisk::yes : OnDisk::no);
  if (!tx.ok()) {
    (void)parallel_remove(held.state->fd(), "tx", held.state->path("tx"));  // nothing was done yet
    return std::move(tx).error();
  }
  const Status done = carry_out(prepared, change, environment, options, key, ground, *held.state, *tx, cancel);
  if (!done.ok()) {
    Error error = done.error();
    if (const auto back = roll_back(prepared.journal, ground, *tx); !back.ok())
      error.context.push_back(
          cat("the previous state will be brought back by the next command that changes the environment, because now: ",
              back.error().message));
    return error;
  }
  // Committed: what is left is litter, and the next command's business should this fail.
  if (const auto cleaned = tx->discard(); !cleaned.ok()) reporter.note(cleaned.error().message);
  return std::move(prepared.report);
}

std::string warn_of_no_locks(const std::filesystem::path& prefix) {
  return cat("the file system of ", quote(prefix.native()),
             " has no locks: pkg commands of other machines that change it at the same time are not noticed");
}

}  // namespace

Result<ChangeReport> apply(const Change& change, const Environment& environment, const ApplyOptions& options,
                           const StateKey& key, Reporter& reporter, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(const auto held,
                 hold(environment, options.lock_wait_s, change.install.empty() ? "uninstall" : "install"));
  auto report = apply_held(change, environment, options, key, held, reporter, cancel);
  if (report) Origins::note(change, environment, key, *held.state);
  if (report && change.mend) PKG_TRY(mend_own_files(*held.ground, environment));
  if (report && !held.lock.reaches_others) report->warnings.push_back(warn_of_no_locks(environment.layout.prefix));
  remove_traces(held);
  return report;
}

bool is_interrupted(const Environment& environment) {
  return fs::exists(environment.state_dir() / "tx") && !fs::is_locked(environment.state_dir() / kLockName);
}

Result<bool> recover(const Environment& environment, const StateKey& key) {
  PKG_TRY(refuse_others_environment(environment));
  if (!fs::exists(environment.state_dir() / "tx")) return false;
  // While its owner is alive it is waited for: half of a change is nothing to plan by.
  const auto held = hold(environment, ApplyOptions().lock_wait_s, "recover");
  if (!held.ok() && held.error().kind == ErrorKind::busy) return false;
  if (!held.ok()) return held.error();
  return recover_in(*held->ground, *held->state, key);
}

Result<std::vector<std::filesystem::path>> owned_files(const InstalledDist& dist, const Environment& environment,
                                                       const StateKey& key) {
  const Boundary boundary(environment.layout);
  ClaimsOf nobody({});
  PKG_TRY_ASSIGN(const auto links, FolderLinks::read(environment, boundary, key));
  PKG_TRY_ASSIGN(const auto removal, plan_removal(std::span(&dist, 1), nobody, links, boundary, {}));
  std::vector<std::filesystem::path> files;
  for (const auto& path : removal.moved) PKG_TRY(list_files(path, files));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace pkg::venv
