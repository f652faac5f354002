#pragma once
// Carry out a whole change of an environment or nothing: journal, rollback, recovery at the next start
// (docs/internals/transaction.md).

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "pep/direct_url.h"
#include "pep/wheel_manifest.h"
#include "venv/environment.h"
#include "venv/site.h"
#include "venv/state_key.h"

namespace pkg::venv {

// How files come from the store; each falls back to copy where the file system cannot. symlink: folders that belong to
// one distribution become one link into the store, single files are hard links; in virtual environments only, elsewhere
// as hardlink.
enum class LinkMode : std::uint8_t { hardlink, clone, copy, symlink };

struct WheelToInstall {
  std::shared_ptr<const pep::UnpackedWheel> wheel;
  bool requested = false;
  std::optional<pep::DirectUrl> direct_url;
  std::string origin_sha256 = {};  // hex, of what the wheel came from (origins.h); empty: unknown
  // Where what it replaces does not say which files it has (RECORD is missing): they are written over, and what this
  // wheel does not bring stays. Else that is an error (unsupported).
  bool over_unknown_files = false;
};

struct Change {
  std::vector<InstalledDist> remove;
  std::vector<WheelToInstall> install;
  std::vector<InstalledDist> mark_requested;
  bool mend = false;  // what says where the environment was made says where it is now; of one that was_moved()
};

// Two distributions that ship one path with different content: one file lies there, the other is kept aside and comes
// back when the first goes (docs/internals/transaction.md#conflicts). error: refused before anything is written.
enum class FileConflicts : std::uint8_t { warn, error };
// Whose file lies there. by_name: of the distribution whose name is last, whatever was installed when. arriving: what
// comes goes before what stays, unless it replaces a distribution that stood back; what comes together, by name.
enum class Precedence : std::uint8_t { by_name, arriving };

struct ApplyOptions {
  LinkMode link_mode = LinkMode::hardlink;
  bool compile_bytecode = false;
  FileConflicts file_conflicts = FileConflicts::warn;
  Precedence precedence = Precedence::by_name;
  bool verify_record = true;  // refuse wheels that were unpacked without verification
  bool sync_to_disk = false;  // --fsync
  double lock_wait_s = 60;
};

// A distribution as messages name it.
struct DistTitle {
  std::string name, version;  // the name normalised
  auto operator<=>(const DistTitle&) const = default;
};

// Files of `loser` that those of `winner` stand for, as far as this change brought it about.
struct FileConflict {
  DistTitle winner, loser;
  std::uint64_t paths = 0;
  std::string example;  // one of them, relative to the prefix
};

struct ChangeReport {
  std::vector<std::string> warnings;
  std::vector<FileConflict> conflicts;                            // sorted
  std::vector<std::pair<DistTitle, std::uint64_t>> brought_back;  // files that lie at their paths again, sorted
  std::uint64_t files_created = 0, files_removed = 0;
};

// One writer at a time; an unfinished transaction of a killed process is rolled back or completed first. On any error,
// signal or full disk the environment is as it was. Errors: conflict (file ownership, before anything is written) ·
// busy · io · interrupted · unsupported (an environment of somebody else, one whose folders lead out of it, or with
// state that is none of this user's pkg).
Result<ChangeReport> apply(const Change& change, const Environment& environment, const ApplyOptions& options,
                           const StateKey& key, Reporter& reporter, const CancelToken& cancel);

// Finishes or rolls back what a killed process left; true when there was something. One that is alive is waited for, as
// long as ApplyOptions has it. Cheap when there is nothing (two stats). Called by every verb that is about to change an
// environment, and by no other. unsupported: as for apply; what somebody else left there is not touched.
Result<bool> recover(const Environment& environment, const StateKey& key);

// Whether something waits for recover(), for verbs that only read. No: the process that is at work is alive.
bool is_interrupted(const Environment& environment);

// The files one distribution's removal would delete, absolute, sorted: for `--dry-run`, `show -f`, tests.
// unsupported: its files are not known · bad_data: its RECORD · io.
Result<std::vector<std::filesystem::path>> owned_files(const InstalledDist& dist, const Environment& environment,
                                                       const StateKey& key);

}  // namespace pkg::venv
