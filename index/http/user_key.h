#pragma once
// A key that only this user's programs can read: what is digested with it cannot be guessed by those who see the digest.

#include <string>

#include "base/fs.h"

namespace pkg::index {

// 32 raw bytes, of `<folder>/cache-key`, which is made when it is not there. Empty: there is no such folder and none can be made, or the
// file is another user's or open to others.
std::string user_key(const fs::Path& folder);

}  // namespace pkg::index
