#pragma once
// Sources of distributions as files in a folder: archives unpacked under the rules of docs/concepts/promises.md#sdists,
// revisions of version control systems checked out by their command-line tools.

#include <filesystem>
#include <string>

namespace pkg::index {

// A source in a folder of the caller's, or (a folder requirement) where it is.
struct SourceTree {
  std::filesystem::path root;  // the project: the archive's one top folder or the checkout, subdirectory applied
  std::string sha256_hex;      // of an archive
  std::string commit;          // of a checkout: the full id
  bool in_place = false;       // the user's own folder: nothing but what a build writes may be changed there
};

}  // namespace pkg::index
