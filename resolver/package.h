#pragma once
// What the solver's package ids stand for: the root, a project, or one extra of a project; and the notes that tell why
// an incompatibility holds.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "pep/name.h"
#include "pep/requirement.h"
#include "resolver/candidates.h"
#include "resolver/package_source.h"
#include "resolver/pubgrub/term.h"

namespace pkg::resolver {

// A project of the world and its numbered versions: URL candidates first, then the releases of its listing, newest
// first.
struct Project {
  pep::Name name;
  pubgrub::PackageId id = pubgrub::kNoPackage;
  std::string index;                // the only one it comes from, by a rule of the problem; empty: as the source has it
  PackageSource* source = nullptr;  // that knows its releases
  std::vector<DirectAnswer> direct;
  std::vector<std::string> direct_urls;
  const Listing* listing = nullptr;  // null when only URL candidates count
  std::vector<pep::Version> versions;
  std::vector<pubgrub::Value> preferences;  // in order
  pubgrub::VersionSet prereleases;
  std::vector<bool> yanked_allowed;  // empty: none
  bool lowest_first = false;
  std::map<pep::Name, pubgrub::PackageId> extras;
  std::unordered_map<pubgrub::Value, Candidate> candidates;
  std::unordered_map<std::string, pubgrub::VersionSet> sets_by_text;
  std::unordered_map<const pep::Requirement*, const pubgrub::VersionSet*>
      sets_by_requirement;  // releases share requirements
  std::unordered_multimap<std::size_t, pubgrub::VersionSet> sets;
  std::map<std::pair<const void*, std::uint32_t>, pubgrub::VersionSet>
      conditional_sets;                                            // by set and condition: see Provider::tell
  std::uint32_t metadata_asked = 0, next_batch_at = 3, batch = 4;  // prefetching while versions are being rejected
  bool is_root_requirement = false;
  std::optional<pubgrub::Value> newest_wheel;  // once looked for; version_count(): no release has one

  pubgrub::Value direct_count() const { return static_cast<pubgrub::Value>(direct.size()); }
  pubgrub::Value version_count() const { return static_cast<pubgrub::Value>(versions.size()); }
  // The releases in `set`, in the order in which they are tried: the one after `previous` (nullopt: the first).
  std::optional<pubgrub::Value> next_release(const pubgrub::VersionSet& set,
                                             std::optional<pubgrub::Value> previous) const {
    const auto next = lowest_first ? set.last_below(previous.value_or(version_count()))
                                   : set.first(previous ? *previous + 1 : direct_count());
    return next && *next >= direct_count() && *next < version_count() ? next : std::nullopt;
  }
};

struct Package {
  enum class Kind : std::uint8_t { root, project, extra } kind = Kind::root;
  Project* project = nullptr;
  pep::Name extra;
};

// What `note` of a cause means.
struct Note {
  const pep::Requirement* requirement = nullptr;        // a dependency, or the constraint behind Unusable::constraint
  pubgrub::PackageId dependency = pubgrub::kNoPackage;  // what it is on
  Reason reason;                                        // of unusable versions
  MarkerSet condition;                                  // universal: where the requirement holds
};

}  // namespace pkg::resolver
