#pragma once
// The folders of an environment that are links into the wheel store, as `<state>/links` lists them (docs/transaction.md#folder-links). A
// link that is not listed, or leads elsewhere than the list says, is somebody else's and never followed.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/confine.h"

namespace pkg::venv {

class FolderLinks {
 public:
  // An absent list is an empty one. bad_data: a list that cannot be understood.
  static Result<FolderLinks> read(const std::string& state_dir, const Boundary& boundary);
  static Result<FolderLinks> parse(std::string_view text, const Boundary& boundary);
  // Paths below the prefix are written relative to it: a moved environment keeps its links. The order is that of the paths.
  std::string text(const Boundary& boundary) const;

  // Whether `name` in the folder `at` (whose path is `folder`) is on disk the link that the list has for it.
  bool is_ours(int at, std::string_view folder, std::string_view name) const;
  bool is_ours(const std::string& path) const;

  std::map<std::string, std::string, std::less<>> targets;  // by the link's path; both absolute
};

std::string folder_links_path(const std::string& state_dir);  // <state>/links

}  // namespace pkg::venv
