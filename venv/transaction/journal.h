#pragma once
// The undo journal of a transaction: which paths are moved away, which are created. See
// docs/internals/transaction.md#journal.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "venv/ground.h"
#include "venv/path_boundary.h"
#include "venv/state_key.h"
#include "venv/transaction/tx_folder.h"

namespace pkg::venv {

struct Journal {
  std::vector<std::string> moved;    // moved[i] lies in trash/i while the transaction runs
  std::vector<std::string> created;  // topmost new paths: what is below a new folder is not listed
  bool clears = false;               // the whole environment is made again (clear.h): its own files go and come, too
  bool operator==(const Journal&) const = default;

  // Paths below the prefix are stored relative to it: a copied environment recovers itself, not its original.
  std::string encode(const Boundary& boundary, const StateKey& key) const;
  // unsupported: written by somebody else, or by a pkg that had another key. bad_data: a path leaves the environment or
  // belongs to it; one that lies outside the prefix, when all of the environment lies in it.
  static Result<Journal> decode(std::string_view bytes, const Boundary& boundary, const StateKey& key);
};

// Brings back what was before: created paths go aside, moved ones return. May be interrupted and repeated at any point.
// Does not delete the journal.
Status undo(const Journal& journal, Ground& ground, TxFolder& tx);

// Brings back the old state. The journal goes only when that has succeeded.
Status roll_back(const Journal& journal, Ground& ground, TxFolder& tx);

}  // namespace pkg::venv
