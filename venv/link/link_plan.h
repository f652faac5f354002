#pragma once
// Link mode `symlink`: which folders of a placement become one link into the store, and which links of distributions
// that stay have to become real folders because something new goes into them
// (docs/internals/transaction.md#folder-links). Reads the disk, changes nothing.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "venv/link/folder_links.h"
#include "venv/owned_paths.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {

// Folders of site-packages whose whole content is one folder of one arriving wheel, and where nothing is on disk, are
// marked as links: the topmost of each tree. `usable[w]` is false for wheels whose store folders cannot be linked to.
// io.
Status choose_links(Placement& placement, std::span<const WheelToInstall> wheels, const std::vector<bool>& usable,
                    const Removal& removal);
void unlink_again(Placement& placement);  // forgets the choice

// Each link of `links` that the placement goes into is added to the removal, and what it stood for to the placement:
// links for its sub-folders, single files beside what arrives. io.
Status split_links(Placement& placement, const FolderLinks& links, ClaimsOf& kept, Removal& removal);

}  // namespace pkg::venv
