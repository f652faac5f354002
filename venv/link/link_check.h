#pragma once
// Before folders of the store are linked to: is everything in them what the manifest says, and can no interpreter write
// bytecode there?

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tasks.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// Looks at every file of the folders that the placement makes links to, in parallel by folder, as Linker::place does at
// each. A folder that holds Python sources gets an empty file `__pycache__`: no interpreter can make that folder then,
// with whatever options; it goes on without. A folder's mtime says that this was done and that no name came or went
// since (docs/internals/transaction.md#folder-links).
//   returns  by wheel: whether its folders can be linked to; false where the store cannot be written
//   errors   hash_mismatch (a file was edited, is missing or is too much) · io · interrupted
Result<std::vector<bool>> check_linked_folders(const Placement& placement, std::span<const WheelToInstall> wheels,
                                               const CancelToken& cancel);

// What keeps a wheel that is linked to in the cache: where METADATA could not be hard-linked, the environment's name
// beside the wheel. A store that cannot be written is not pruned either.
void note_environment(const Placement& placement, std::span<const WheelToInstall> wheels);
std::string environments_file(const pep::UnpackedWheel& wheel);

}  // namespace pkg::venv
