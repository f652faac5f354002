#pragma once
// The undo journal of a transaction: which paths are moved away, which are created. See docs/transaction.md#journal.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "venv/confine.h"

namespace pkg::venv {

struct Journal {
  std::vector<std::string> moved;    // moved[i] lies in trash/i while the transaction runs
  std::vector<std::string> created;  // topmost new paths: what is below a new folder is not listed
  bool operator==(const Journal&) const = default;

  // Paths below the prefix are stored relative to it: a copied environment recovers itself, not its original.
  std::string encode(const Boundary& boundary) const;
  // bad_data when the bytes are not one whole journal, or a path leaves the environment or belongs to it.
  static Result<Journal> decode(std::string_view bytes, const Boundary& boundary);
};

// The paths of a transaction's folder, `<state>/tx`. It exists only while a transaction runs or an interrupted one waits for recovery.
struct JournalPaths {
  explicit JournalPaths(const std::string& state_dir);
  std::string folder, journal, journal_new, trash, aside, compiled;
};

// Brings back what was before: created paths go aside, moved ones return. May be interrupted and repeated at any point. Does not delete the
// journal.
Status undo(const Journal& journal, const JournalPaths& paths);

}  // namespace pkg::venv
