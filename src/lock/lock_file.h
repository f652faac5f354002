#pragma once
// A lock file as data (PEP 751, pylock-toml spec). What the standard has no place for is in `tool`.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pep/dist_file.h"
#include "pep/marker.h"
#include "pep/name.h"
#include "pep/specifier.h"
#include "pep/version.h"

namespace pkg::lock {

using Hashes = std::vector<std::pair<std::string, std::string>>;  // (algorithm as written, lower-case hex), sorted

// A wheel or an sdist.
struct LockedFile {
  std::string name;       // file name; where the lock gives none, the last part of url or path
  std::string url, path;  // one or both may be empty; path is relative to the lock file, with "/"
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::int64_t> upload_time;  // unix seconds
  Hashes hashes;
};

struct LockedVcs {
  std::string type, url, path, requested_revision, commit_id, subdirectory;
};
struct LockedDirectory {
  std::string path, subdirectory;
  bool editable = false;
};
struct LockedArchive {
  LockedFile file;
  std::string subdirectory;
};

// What a package needs: told for people and for `tree`, never used to install (PEP 751).
struct LockedDependency {
  pep::Name name;
  std::optional<pep::Version> version;  // given where the lock has several versions of the name
  pep::Marker marker;                   // of the requirement; written as [tool.pkg] knows it, see docs/lockfile.md
  std::vector<pep::Name> extras;
};

struct LockedPackage {
  pep::Name name;
  std::optional<pep::Version> version;
  pep::Marker marker;  // trivial: always
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<LockedDependency> dependencies;  // sorted by name
  std::vector<pep::Name> extras;               // that were asked for; in packages.tool.pkg
  std::string index;                           // base URL; empty: none
  std::vector<LockedFile> wheels;
  std::optional<LockedFile> sdist;
  std::optional<LockedVcs> vcs;
  std::optional<LockedDirectory> directory;
  std::optional<LockedArchive> archive;
};

// [tool.pkg]: written by pkg, kept away from the standard's keys. Empty for other tools' files.
struct LockTool {
  int version = 0;                                          // of this table's form; 0: absent
  std::string inputs_digest;                                // sha256 over everything the resolution was asked; see ops/lock
  std::vector<std::pair<std::string, std::string>> options;  // resolution options that differ from the defaults, sorted
  std::vector<std::string> requirements;                     // of the project itself, with their markers: the roots of `tree` and `why`
  bool mirror_neutral = false;
};

struct LockFile {
  std::string lock_version = "1.0", created_by = "pkg";
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<pep::Marker> environments;
  std::vector<pep::Name> extras, dependency_groups, default_groups;
  std::vector<LockedPackage> packages;  // sorted by name, then newest version first
  LockTool tool;
};

}  // namespace pkg::lock
