#pragma once
// A source tree's [build-system]: which backend builds it, and what that needs (PEP 517, 518).

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/metadata.h"
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

// The metadata of a tree without building, where it cannot differ from what a build gives: PKG-INFO of an sdist
// (metadata 2.2 or later, with no dynamic Requires-Dist, Requires-Python, Provides-Extra or Version; PEP 643), else
// [project] of pyproject.toml with nothing of these dynamic (PEP 621, 808). nullopt: the backend must be asked. As
// METADATA text, so that it can be kept.
enum class TreeKind : unsigned char { sdist, other };  // only an sdist's PKG-INFO counts
std::optional<std::string> static_metadata(const std::filesystem::path& tree, TreeKind kind);

// The project's name where a file of the tree says it: PKG-INFO, [project], setup.cfg's [metadata]. For paths that were
// given without a name.
std::optional<pep::Name> static_name(const std::filesystem::path& tree);

}  // namespace pkg::builder
