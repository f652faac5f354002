#pragma once
// Making an environment again in its own folder, where that cannot be exchanged for another one: it comes from a lower
// layer of overlayfs, or is a mount point. A transaction like any other, of everything in the folder
// (docs/internals/transaction.md#clearing).

#include <filesystem>
#include <functional>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/state_key.h"
#include "venv/transaction/journal.h"

namespace pkg::venv {

// `wanted` is what will be there; `write` writes it into an empty folder. The lock is held. unsupported: what is there
// cannot be changed as a transaction (its folders lead out of it, or its `.pkg` is none of pkg's); nothing was done.
// Otherwise (io) it is as before.
Status clear_in_place(const Environment& wanted, const StateKey& key,
                      const std::function<Status(const std::filesystem::path&)>& write);

// Whether the journal is that of such a change, and the new environment is there whole: its pyvenv.cfg, which comes
// last, is another than the one that was put into the trash.
bool is_cleared(const Journal& journal, Ground& ground, const TxFolder& tx);

}  // namespace pkg::venv
