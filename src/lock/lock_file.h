#pragma once
// A lock file as data (PEP 751, pylock-toml spec). What the standard has no place for is in `tool`.

#include <algorithm>
#include <compare>
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
#include "resolver/problem.h"

namespace pkg::lock {

using Hashes = std::vector<std::pair<std::string, std::string>>;  // (algorithm as written, lower-case hex), sorted

// A wheel, an sdist or an archive.
struct LockedFile {
  std::string name;  // file name; where the lock gives none, the last part of url or path
  std::string url,
      path;  // one may be empty, both in a mirror-neutral lock; a relative path is relative to the lock file
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::int64_t> upload_time;  // unix seconds
  Hashes hashes;                            // not empty in a lock that was read; an algorithm may be one we do not know
  bool operator==(const LockedFile&) const = default;
};

struct LockedVcs {
  std::string type, url, path, requested_revision, commit_id, subdirectory;
  bool operator==(const LockedVcs&) const = default;
};
struct LockedDirectory {
  std::string path, subdirectory;
  bool editable = false;
  bool operator==(const LockedDirectory&) const = default;
};
struct LockedArchive {
  LockedFile file;
  std::string subdirectory;
  bool operator==(const LockedArchive&) const = default;
};

// What a package needs: told for people and for `tree`, never used to install (PEP 751).
struct LockedDependency {
  pep::Name name;
  std::optional<pep::Version> version;  // given where the lock has several versions of the name
  pep::Marker marker;                   // of the requirement; in packages.tool.pkg, see docs/reference/lockfile.md
  std::vector<pep::Name> extras;        // likewise
  bool operator==(const LockedDependency&) const = default;
};

struct LockedPackage {
  pep::Name name;
  std::optional<pep::Version> version;
  pep::Marker marker;  // trivial: always
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<LockedDependency> dependencies;  // sorted by name, then version; without duplicates
  std::vector<pep::Name> extras;               // that were asked for; in packages.tool.pkg
  std::string index;                           // base URL; empty: none
  std::vector<LockedFile> wheels;
  std::optional<LockedFile> sdist;
  std::optional<LockedVcs> vcs;
  std::optional<LockedDirectory> directory;
  std::optional<LockedArchive> archive;
  bool operator==(const LockedPackage&) const = default;
};

// For which packages it is locked what builds them ([tool.pkg] lock-build-dependencies).
struct BuildScope {
  bool all = false;
  std::vector<pep::Name> names;
  bool is_on() const { return all || !names.empty(); }
  bool covers(const pep::Name& name) const { return all || std::find(names.begin(), names.end(), name) != names.end(); }
  bool operator==(const BuildScope&) const = default;
};

// One state of a source, wherever its bytes come from; exactly one of hash, vcs and directory.
struct BuildSource {
  std::string hash;          // of an archive: "sha256:HEX"
  std::string vcs;           // SourceUrl text at a commit, without credentials
  std::string directory;     // as LockedDirectory::path
  std::string subdirectory;  // of an archive or a folder
  auto operator<=>(const BuildSource&) const = default;
};

// What one source is built with.
struct LockedBuild {
  pep::Name name;
  std::optional<pep::Version> version;  // absent: of a folder
  BuildSource source;
  pep::Marker marker;                         // where the environment was solved for; trivial: wherever the lock is for
  std::vector<std::string> requires_;         // what the source and its backend ask for
  std::vector<LockedDependency> environment;  // entries of LockTool::build_packages, and where each is installed
  bool operator==(const LockedBuild&) const = default;
};

// [tool.pkg]: written by pkg, kept away from the standard's keys. Empty for other tools' files.
constexpr int kLockToolVersion = 1;
struct LockTool {
  int version = 0;            // of this table's form; 0: absent
  std::string inputs_digest;  // sha256 over everything the resolution was asked; see ops/lock/lock
  std::vector<std::pair<std::string, std::string>> options;  // resolution options that differ from the defaults, sorted
  std::vector<std::string> requirements;  // of the project itself, with their markers: the roots of `tree` and `why`
  bool mirror_neutral = false;
  std::vector<std::vector<resolver::ConflictItem>> conflicts;          // of each set at most one is ever selected
  std::vector<std::pair<pep::Name, pep::SpecifierSet>> group_pythons;  // of groups that are for fewer; sorted by name
  BuildScope build_scope;
  std::vector<LockedBuild> builds;            // ours: sorted by name, version and source
  std::vector<LockedPackage> build_packages;  // that builds refer to, without markers; sorted as the lock's packages
  bool operator==(const LockTool&) const = default;
};

// Whether `dependency` may mean `package`.
inline bool names(const LockedDependency& dependency, const LockedPackage& package) {
  return dependency.name == package.name && (!dependency.version || dependency.version == package.version);
}
// The same entry of `dependencies`, whatever more each of them says of it.
inline bool same_entry(const LockedDependency& a, const LockedDependency& b) {
  return a.name == b.name && a.version == b.version;
}

struct LockFile {
  std::string lock_version = "1.0", created_by = "pkg";
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<pep::Marker> environments;  // one of them holds; empty: no restriction
  bool no_environments = false;           // "environments = []": as the standard has it, a lock for nowhere
  std::vector<pep::Name> extras, dependency_groups, default_groups;
  std::vector<LockedPackage> packages;  // ours: sorted by name, then newest version first; others': as they stand there
  LockTool tool;
  bool operator==(const LockFile&) const = default;
};

}  // namespace pkg::lock
