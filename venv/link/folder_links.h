#pragma once
// The folders of an environment that are links into the wheel store, as `<state>/links` lists them
// (docs/internals/transaction.md#folder-links). A link that is not listed, or leads elsewhere than the list says, is
// somebody else's and never followed.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/path_boundary.h"
#include "venv/state_key.h"

namespace pkg::venv {

class FolderLinks {
 public:
  // A list that is absent, or none of this user's, is an empty one: links are somebody else's then. bad_data: one that
  // cannot be understood.
  static Result<FolderLinks> read(const Environment& environment, const Boundary& boundary, const StateKey& key);
  static Result<FolderLinks> parse(std::string_view text, const Boundary& boundary);
  // The file: for this user's pkg alone to believe.
  std::string sealed_text(const Boundary& boundary, const StateKey& key) const;
  // Paths below the prefix are written relative to it: a moved environment keeps its links. The order is that of the
  // paths.
  std::string text(const Boundary& boundary) const;

  // Whether `name` in the folder `at` (whose path is `folder`) is on disk the link that the list has for it.
  bool is_ours(int at, std::string_view folder, std::string_view name) const;
  bool is_ours(const std::string& path) const;

  std::map<std::string, std::string, std::less<>> targets;  // by the link's path; both absolute
};

constexpr const char* kFolderLinksName = "links";  // in the state folder

}  // namespace pkg::venv
