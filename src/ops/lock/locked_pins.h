#pragma once
// From a lock to the pins of one environment: markers and tags are evaluated, addresses made absolute, groups cut out.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/select.h"
#include "ops/session/session.h"
#include "pep/requirement.h"
#include "pep/target.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// Which extras and dependency groups of a lock are wanted.
struct SelectionOptions {
  std::vector<std::string> extras, groups, excluded_groups;
  std::vector<std::string> only_groups;  // nothing but these, and what they need
  bool all_extras = false, all_groups = false;
  bool no_default_groups = false;
};

// The names of extras and groups that `selection` means in `lock`. bad_data: a name that is none. not_found: a group to
// leave out that the lock does not have (except `dev`, which is only a default where it exists).
Result<lock::SelectOptions> select_options(const SelectionOptions& selection, const lock::LockFile& lock);

// What is not a wheel: is built here, or (for another machine) is an error.
enum class LockedSources : std::uint8_t { built, refused };

// The part of a lock that an environment needs. `roots`: of it only what these come to, instead of what the lock's
// project asks for; null: all. unsupported: --only-group, or roots, of a lock that does not say what its project asks
// for. Others: those of lock::select.
Result<std::vector<lock::Selection>> select_packages(const lock::LockFile& lock, const pep::Target& target,
                                                     const SelectionOptions& selection,
                                                     LockedSources sources = LockedSources::built,
                                                     const std::vector<pep::Requirement>* roots = nullptr);

struct LockedPins {
  std::vector<resolver::Pin> pins;  // one file each
  std::vector<pep::Name> projects;  // left out: folders of the project itself or of its workspace
};

// Where a lock lies, the folders that are its own projects, and what messages call it.
struct LockPlace {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> projects = {};
  std::string name = "pylock.toml";
};

// `path` is one of a lock's directories.
bool is_own_folder(const std::string& path, const LockPlace& place);

// Paths are below place.folder. A file without address (a mirror-neutral lock) is looked for in the indexes by name.
// What has to be built is a file of the kind sdist; the version of a folder is left empty. not_found: no index has a
// file · bad_data: a file whose hashes cannot be checked.
Result<LockedPins> pins_of(std::span<const lock::Selection> selected, const LockPlace& place, Session& session);

}  // namespace pkg::ops
