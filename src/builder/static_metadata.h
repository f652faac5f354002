#pragma once
// What a source tree's own files say of its name and metadata, so that nothing has to be built (PEP 621, 643, 808).
// Both functions read a few files of the tree and report no errors: what cannot be read or parsed says nothing.

#include <filesystem>
#include <optional>
#include <string>

#include "pep/name.h"

namespace pkg::builder {

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
