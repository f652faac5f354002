#pragma once
// Carry out a Placement: make its folders, link and write its files. Parallel by folder, never two threads in one.

#include <cstdint>
#include <span>

#include "base/result.h"
#include "base/tasks.h"
#include "venv/ground.h"
#include "venv/link/link.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

enum class Pass : std::uint8_t { all, but_records, records };  // RECORD can only be written after bytecode is known

// Every path that is created was free before (the transaction moved away what was there, into the open folder `trash`,
// where brought files are taken from). Returns the number of files;
// stops at the first error and leaves what was made: undoing is the transaction's business. hash_mismatch: a file of
// the store was edited or is gone · unsupported: a folder has become a link · io · interrupted.
Result<std::uint64_t> build(const Placement& placement, const Ground& ground, std::span<const WheelToInstall> wheels,
                            Linker& linker, Pass pass, int trash, const CancelToken& cancel);

}  // namespace pkg::venv
