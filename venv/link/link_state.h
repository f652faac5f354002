#pragma once
// What an environment with folder links has for itself, beside any distribution: the list of the links, the hook that
// keeps bytecode out of the store, and that bytecode (docs/internals/transaction.md#folder-links). All of it changes
// within the transaction.

#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/link/folder_links.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/state_folder.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {

struct LinkState {
  FolderLinks before, after;
  bool is_changed() const { return before.targets != after.targets; }
};

// Where bytecode of the folder of site-packages `path` is kept.
std::string bytecode_folder(const Boundary& boundary, std::string_view path);

// What the list will say: links that are still there and stay, and those of the placement. Adds the hook's two files to
// the placement with the first link, or to the removal with the last. conflict: as Placement::write · io.
Result<LinkState> plan_link_state(FolderLinks before, Placement& placement, Removal& removal);

// Puts the list, and the bytecode of links that go, into the journal; with `compiles`, the new bytecode's folders too.
// io.
Status add_to_journal(const LinkState& state, const Placement& placement, bool compiles, Journal& journal);

// Writes the list; its old form was moved away. io.
Status write_link_state(const LinkState& state, const StateFolder& folder, const Boundary& boundary,
                        const StateKey& key);

}  // namespace pkg::venv
