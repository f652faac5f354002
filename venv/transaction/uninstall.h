#pragma once
// What taking distributions away means: which whole folders and which single files have to go. Reads the disk, changes
// nothing.

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "venv/link/folder_links.h"
#include "venv/owned_paths.h"
#include "venv/path_boundary.h"
#include "venv/site.h"

namespace pkg::venv {

struct Removal {
  std::vector<std::string> moved;             // folders that hold nothing else, and files; absolute
  std::unordered_set<std::string> moved_set;  // the same
  struct Rewrite {
    std::string folder, name, content;  // a file that stays with less in it: easy-install.pth
  };
  std::vector<Rewrite> rewrites;
  std::vector<std::string> links;  // links into the store that go, by themselves or within a folder
  // Paths that stay because a distribution that stays claims them too, with other content than one that goes.
  struct Shared {
    std::string path;
    std::string name, hash;  // of the distribution that stays; hash as its RECORD has it
  };
  std::vector<Shared> shared;
  std::uint64_t files = 0;
  std::vector<std::string> warnings;
};

// Files that `kept` distributions claim as well stay. Rows outside the environment, or naming its own files, are left
// alone with a warning; links to folders are never followed; one of `links` that stands for a folder with files of
// `dists` goes. unsupported: a distribution whose files are not known; of one that is in `written_over` its .dist-info
// goes alone.
Result<Removal> plan_removal(std::span<const InstalledDist> dists, ClaimsOf& kept, const FolderLinks& links,
                             const Boundary& boundary, const std::set<pep::Name>& written_over);

}  // namespace pkg::venv
