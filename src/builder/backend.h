#pragma once
// A source tree's [build-system]: which backend builds it, and what that needs (PEP 517, 518).

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/requirement.h"

namespace pkg::builder {

struct Backend {
  std::vector<pep::Requirement> requires_;  // static build requirements, with their origin
  std::string object;                       // "hatchling.build", "setuptools.build_meta:__legacy__"
  std::vector<std::string> path;            // backend-path: relative to the tree, inside it
  bool is_fallback = false;                 // no [build-system] or no build-backend: setuptools
};

// not_found: the folder has neither pyproject.toml nor setup.py. bad_data with file:line: a broken [build-system], a
// backend-path that leaves the tree.
Result<Backend> backend_of(const std::filesystem::path& tree);

}  // namespace pkg::builder
