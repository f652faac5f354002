#pragma once
// A key that only this user's programs can read: what carries an HMAC made with it is known to be theirs, and what is
// digested with it cannot be guessed by those who see the digest.

#include <cstddef>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

constexpr std::size_t kKeySize = 32;

// The bytes of `<folder>/<name>`. Folder (0700) and file (0600) are made when they are not there; of several processes
// that make the file at one time all get the same key. unsupported: folder or file belongs to another user, is open to
// others, or is a link · io.
Result<std::string> own_key(const Path& folder, const char* name);

// From the system; empty when it gives none.
std::string random_bytes(std::size_t count);

}  // namespace pkg::fs
