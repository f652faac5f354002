#pragma once
// What builds the sources of a lock, in [tool.pkg]: `lock-build-dependencies`, `builds` and `build-packages`.
// docs/reference/lockfile.md#builds

#include <string>

#include "base/result.h"
#include "lock/fields.h"
#include "lock/lock_file.h"

namespace pkg::lock {

// Of the standard's form.
using ReadPackage = Result<LockedPackage> (*)(const Fields& package, bool with_tool);

// The three keys of `tool`. bad_data with file, line and key; so is an entry of an environment that names no package,
// or two.
Status read_builds(const Fields& tool, ReadPackage read_package, LockTool& out);

// Nothing where there is nothing to say.
void append_builds(std::string& out, const LockTool& tool);

}  // namespace pkg::lock
