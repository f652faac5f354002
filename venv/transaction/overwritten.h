#pragma once
// Files of installed distributions that another distribution's file stands for: two ship one path with different
// content. They are kept in `.pkg/overwritten/NAME/PATH`, PATH relative to the prefix, and come back when the other
// goes (docs/internals/transaction.md#conflicts). Nothing here is believed without the distribution's own RECORD.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/path_boundary.h"

namespace pkg::venv {

constexpr const char* kOverwrittenName = "overwritten";  // in the state folder

struct Overwritten {
  std::map<std::string, std::set<std::string>, std::less<>> paths;  // by normalised name: absolute paths of environment

  // Without a folder there is nothing: one failing system call. What is named as no distribution is passed over. io.
  static Result<Overwritten> read(const Boundary& boundary);
  bool has(std::string_view name, const std::string& path) const;
};

std::string overwritten_folder(const Boundary& boundary);
// Where the file of the distribution `name` for `path`, which lies below the prefix, is kept.
std::string overwritten_copy(const Boundary& boundary, std::string_view name, std::string_view path);

// What a RECORD says of a file's content.
struct RecordedHash {
  std::string algorithm, digest;  // base64url; empty when it says nothing
  static RecordedHash of(std::string_view hash);
  bool operator==(const RecordedHash&) const = default;
};
// Whether `name` in the folder `at` is a regular file with that content.
bool holds_recorded(int at, const std::string& name, const RecordedHash& recorded);

}  // namespace pkg::venv
