#pragma once
// Files that say whom to believe: logins, netrc, trusted projects. Another user must not be able to give them to us.

#include <cstdint>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

enum class FileLinks : std::uint8_t { refuse, follow };

struct OwnFile {
  std::string text;
  bool is_open_to_readers = false;  // the group or everybody may read it
};

// The whole of a regular file of this user's (or root's) that nobody else may write to. Looked at by its descriptor;
// pipes and devices are not waited for. not_found · io · bad_data: a link where none may be, no file, another user's,
// writable by others, larger than the limit.
Result<OwnFile> read_own_file(const Path& path, std::uint64_t limit_bytes, FileLinks links);

}  // namespace pkg::fs
