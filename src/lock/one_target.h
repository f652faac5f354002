#pragma once
// A lock for one environment: what a universal lock installs there, and nothing else.

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/select.h"
#include "pep/target.h"

namespace pkg::lock {

// The packages that select() finds, without markers and with the one file of each that it chose. The lock says which
// environment it is for (requires-python of the target's minor version, one entry in `environments`), has neither
// extras nor groups, and no inputs: it is an end product, not to be locked again. [tool.pkg] is written only where the
// lock says what builds sources: it keeps the builds of those that are here. tool.requirements names what the project
// itself asks for here, in memory at least. Errors: those of select().
Result<LockFile> for_one_target(const LockFile& lock, const pep::Target& target, const SelectOptions& options);

}  // namespace pkg::lock
