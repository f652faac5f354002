#pragma once
// What is installed as requirements that would install it again, alone or in the order of requirements files (pip
// freeze).

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inspect/inspect.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct FreezeOptions {
  ListOptions list;
  bool all = false;                             // pip, setuptools, wheel too
  std::vector<std::string> requirements_files;  // -r: their order, comments and options are kept
};

// One line of the output: a requirement, or what stood in a requirements file.
struct FrozenLine {
  std::string text;  // "name==version", "name @ url", "-e …", "# comment", "-i https://…", ""
  bool is_requirement = false;
};

// Sorted by name where no file says otherwise. What a file names and is not installed, or without a name, is left out
// with a warning. Errors: those of installed_dists; not_found, bad_data, io: a requirements file.
Result<std::vector<FrozenLine>> freeze(const FreezeOptions& options, Session& session);

}  // namespace pkg::ops
