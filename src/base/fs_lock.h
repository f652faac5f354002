#pragma once
// A lock on a file of a folder that is held open. FileLock (base/fs.h) is the same by path.

#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

// The lock is held while the descriptor lives. The file is made when absent, and holds "PID" or "PID VERB" of an
// exclusive holder: no arguments, which may be secrets. One that is a link or no regular file is refused (unsupported).
// `shown` is the path that errors name.
Result<Fd> lock_file_at(int folder, const std::string& name, const Path& shown, LockMode mode, double wait_s,
                        std::string_view verb);

}  // namespace pkg::fs
