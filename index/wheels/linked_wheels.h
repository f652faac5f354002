#pragma once
// Wheels of the store that environments use where they lie: link mode `symlink`
// (docs/internals/transaction.md#folder-links, docs/internals/cache-layout.md).

#include "base/fs.h"
#include "base/result.h"

namespace pkg::index {

// `entry`: a wheel's folder in the store.

// An environment has files of it: a METADATA of its has several links, or an environment that is listed has links to
// it. Such a wheel is in use; where all the environments hold hard links, it takes no room that removing it would free.
bool is_in_use(const fs::Path& entry);
// As before, and folders of it were linked to: removing it may break an environment.
bool is_linked_to(const fs::Path& entry);

// `entry` stands for the damaged `old` from now on: what tells who uses it is taken over. io.
Status take_over_users(const fs::Path& old, const fs::Path& entry);

}  // namespace pkg::index
