#pragma once
// Trees in a folder that is held open. make_dirs, list_dir and remove_tree (base/fs.h) are the same by path.

#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

// Deletes `name` in `folder`, with everything in it; absent is fine. `shown` is the path that errors (io) name.
Status remove_tree_at(int folder, const std::string& name, const Path& shown);

}  // namespace pkg::fs
