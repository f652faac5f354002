#pragma once
// What the next command does about a change that was not finished. The environment's lock is held.

#include "base/result.h"
#include "venv/ground.h"
#include "venv/state_key.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {

// Undoes it; or only cleans up, where the change had happened already. True when there was something. unsupported: the
// journal is none of this user's pkg · bad_data: it names paths elsewhere · io.
Result<bool> recover_in(Ground& ground, const StateFolder& state, const StateKey& key);

}  // namespace pkg::venv
