#pragma once
// A lock for one environment: what a universal lock installs there, and nothing else.

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/select.h"
#include "pep/target.h"

namespace pkg::lock {

// The packages that select() finds, without markers and with the one file of each that it chose. The lock says which
// environment it is for (requires-python of the target's minor version, one entry in `environments`), has neither
// extras nor groups, and no [tool.pkg]: it is an end product, not to be locked again. Only in memory, tool.requirements
// names what the project itself asks for there. Errors: those of select().
Result<LockFile> for_one_target(const LockFile& lock, const pep::Target& target, const SelectOptions& options);

}  // namespace pkg::lock
