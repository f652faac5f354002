#pragma once
// `pkg outdated`: what is locked or installed, the newest release that this Python can use, and what stands in the way
// of it.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/origin.h"
#include "base/result.h"
#include "index/index.h"
#include "ops/inspect/open_graph.h"
#include "ops/solve/release_fit.h"
#include "resolver/policy.h"

namespace pkg::ops {

// A reason why a newer release is not taken.
struct Hold {
  enum class Kind {
    requirement,
    constraint,
    override_,
    requires_python,
    platform,
    exclude_newer,
    prerelease,
    yanked,
    no_file
  } kind = Kind::requirement;
  std::string version;  // of the release that is held back
  std::string who;      // requirement: "pandas 2.1.0", the project's name
  std::string text;     // the requirement, the Requires-Python, the reason for yanking
  Origin origin;        // of the project's own requirements
  std::string to_string() const;
};

struct HeldBackDist {
  pep::Name name;
  std::string version;     // locked or installed
  std::string latest;      // the newest this Python can use; the same as `version` when there is none newer
  std::string newest;      // the newest final release there is, where that is newer than `latest`
  std::string type;        // of latest: "wheel" or "sdist"; empty when there is none newer
  bool is_direct = false;  // asked for by the project itself or by the user
  bool is_outdated() const { return latest != version; }
  std::vector<Hold> holds;  // of latest: requirements; of what is newer than that: policies. Empty: nothing states
                            // anything against it
};

struct HeldBackOptions {
  GraphOptions graph;
  resolver::Policy policy;
  bool direct_only = false;
};

struct HeldBackReport {
  bool is_lock = false;
  std::filesystem::path path;
  std::size_t checked = 0;
  std::vector<HeldBackDist> dists;  // sorted by name: outdated ones, and those of which a final release is out of reach
  std::vector<pep::Name> unreadable;  // packages whose requirements could not be read
};

// Errors: those of open_graph and newer_releases.
Result<HeldBackReport> held_back(const HeldBackOptions& options, Session& session);

// What the index has beyond a version.
struct NewerReleases {
  std::optional<pep::Version> latest;  // the newest that fits; nullopt: none newer than what is there
  pep::DistKind kind = pep::DistKind::wheel;
  struct Excluded {
    pep::Version version;
    ReleaseFit fit;
  };
  std::vector<Excluded> excluded;  // newer than `latest`: for each verdict the newest release, newest first
};
// io: the cache is damaged.
Result<NewerReleases> newer_releases(const index::Project& project, const pep::Version& current,
                                     const pep::Target* target, resolver::Policy policy);

// Nodes of the graph that come from an index, each with what is newer. The others are left out. Errors: of the
// project's index_sources, bind_indexes and cut-offs · those of index::Index.
Result<std::vector<std::pair<std::size_t, NewerReleases>>> newer_releases(const OpenedGraph& opened,
                                                                          const resolver::Policy& policy,
                                                                          Session& session);

}  // namespace pkg::ops
