#pragma once
// A lock on a file of a folder that is held open. FileLock (base/fs.h) is the same by path.
//
// Some file systems have no locks (NFS without lockd, Lustre without `flock`). There a name in the kernel's table of
// sockets, which goes with the process, stands in for an exclusive lock: two commands of one machine exclude each
// other all the same.

#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

struct HeldLock {
  Fd fd;  // held while it is open: the file, or what stands in for it; where there is nothing of that kind, none
  // False: the file system has no locks, and who uses it from another machine does not notice this one.
  bool reaches_others = true;
};

// The file is made when absent, and holds "PID" or "PID VERB" of an exclusive holder: no arguments, which may be
// secrets. `shown` is the path that errors name. unsupported: it is a link or no regular file · busy: another holds it
// for longer than wait_s · not_found: the folder is no more · io.
Result<HeldLock> lock_file_at(int folder, const std::string& name, const Path& shown, LockMode mode, double wait_s,
                              std::string_view verb);

// Whether somebody holds the exclusive lock just now. What cannot be asked counts as nobody's.
bool is_locked(const Path& path);

// False: the file system of this file has no locks, and FileLock::acquire() gave one that other machines do not notice,
// or, where it is shared, nobody. What cannot be asked counts as one with locks.
bool has_locks(const Path& path);

}  // namespace pkg::fs
