#pragma once
// What pylock.toml says beyond the standard's installable part: [tool.pkg], `dependencies` and packages.tool.pkg.
// docs/reference/lockfile.md

#include "lock/fields.h"
#include "lock/lock_file.h"
#include "lock/pylock_builds.h"

namespace pkg::lock {

// [tool.pkg]; of a newer form only the version is read. bad_data with file, line and key, here and below.
Status read_tool(const Fields& root, ReadPackage read_package, LockTool& out);
// `with_tool`: packages.tool.pkg is ours.
Status read_dependencies(const Fields& package, bool with_tool, LockedPackage& out);

// In a mirror-neutral lock the name of a file without an address stands as its path (the standard wants an url or a
// path).
void forget_stand_ins(LockedPackage& package);

}  // namespace pkg::lock
