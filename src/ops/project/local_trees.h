#pragma once
// Source trees on this machine that a lock or an environment was made from: which they are, and whether they are still
// the same.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ops/project/project.h"
#include "pep/name.h"
#include "venv/environment.h"
#include "venv/state_key.h"

namespace pkg::ops {

// Folders that a project's requirements come from, without its members: of path sources and of `name @ file:`
// requirements. Sorted. What is wrong with them is left to requirements_of to tell.
std::vector<std::filesystem::path> source_folders(const Project& project);

// The same for wheels and archives of this machine.
std::vector<std::filesystem::path> source_archives(const Project& project);

// Size and last bytes of a wheel or archive (hex): enough to notice that it was built again, as both formats end with
// checksums of all that is in them, and cheap for large ones. Not enough to trust it: installing checks its hash.
std::string fingerprint_of(const std::filesystem::path& archive);

// The bytes of the files that say what a tree is: pyproject.toml, setup.cfg, setup.py and requirements.txt; sha256,
// hex.
std::string definition_of(const std::filesystem::path& folder);

// How a tree looks, for builds: one installed in place depends on the files that say what it is, any other on all its
// files (sizes and times; those of version control, environments and caches left out).
std::string look_of_tree(const std::filesystem::path& folder, bool editable);
// The same of a member, whose pyproject.toml is read already: its [tool.pkg] and groups, comments and layout do not
// count.
std::string look_of_member(const Member& member, bool editable);

// What an environment remembers of the trees it has: how they looked when they were built.
using TreeLooks = std::map<pep::Name, std::string>;
TreeLooks remembered_trees(const venv::Environment& environment, const venv::StateKey& key);
// Failing is no error: they are built again.
void remember_trees(const venv::Environment& environment, const TreeLooks& looks, const venv::StateKey& key);

}  // namespace pkg::ops
