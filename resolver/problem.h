#pragma once
// Problem: what is asked for. Everything a resolution depends on besides the answers of the PackageSource.

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pep/marker.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "pep/target.h"
#include "pep/version.h"
#include "resolver/policy.h"

namespace pkg::resolver {

struct Preference {
  pep::Name name;
  pep::Version version;     // taken when it fits, before anything newer: installed or locked
  pep::Marker marker = {};  // universal resolution: counts for forks that meet it
};

// An environment for which every release that is installed there must have a usable file.
struct RequiredEnvironment {
  std::string name;  // as messages call it: "musllinux_1_2_x86_64"
  pep::Marker marker;
  std::vector<std::string>
      platforms;  // platform tags a wheel may have, best first; empty: any wheel whose platform can meet the marker
  bool wished = false;  // as far as there are such releases; otherwise their absence is an error
};

// One extra or dependency group of the project that is locked.
struct ConflictItem {
  bool is_group = false;
  pep::Name name;
  bool operator==(const ConflictItem&) const = default;
};

// Of each set, what says that one of its members is selected.
std::vector<std::vector<pep::MarkerAtom>> memberships_of(const std::vector<std::vector<ConflictItem>>& conflicts);

// The environments of a universal resolution. docs/internals/resolver.md#universal-resolution
struct Universe {
  pep::SpecifierSet requires_python;
  std::vector<pep::Marker> environments;             // one of them holds; empty: no restriction
  std::vector<RequiredEnvironment> required;         // beyond what is checked by default
  std::vector<std::vector<ConflictItem>> conflicts;  // of each set at most one is selected
  bool strict_requires_python = false;  // upper bounds of releases count as well (Policy's is for single targets)
  bool fewest_versions =
      false;  // --fork-strategy fewest: one version for all Pythons where one exists, instead of the newest for each
};

// A project that is resolved for. Whoever asks for it gets it as it is, and no index is asked for its name.
struct OwnProject {
  std::shared_ptr<const pep::Metadata> metadata;  // name, version, what its extras ask for; never null
  bool is_version_known = true;                   // false: any version that is asked for is met
  const pep::Name& name() const { return metadata->name; }
};

// Where a project comes from in some environments: from the index of that name, and no other.
struct IndexRule {
  pep::Name name;
  std::string index;
  pep::Marker where;
};

// What the releases of one project ask for, as far as the project that is resolved for says it in their place.
struct ParentRule {
  pep::Requirement parent;  // its name, and the versions for which the rule counts; with the rule's origin
  std::vector<pep::Requirement> dependencies;  // instead of those of these names, or beside what it asks for
  std::vector<pep::Name> excludes;             // not asked for, whatever `dependencies` of any rule say
};

struct Problem {
  std::vector<pep::Requirement> requirements;  // each with its Origin
  std::vector<pep::Requirement> constraints;   // narrow versions, do not pull in
  std::vector<pep::Requirement> overrides;     // replace every other requirement on the same name, rules' excepted
  std::vector<ParentRule> parent_rules;
  std::vector<pep::Name> excludes;   // never pulled in
  std::vector<pep::Target> targets;  // exactly one, or none: then `universe` is set
  std::optional<Universe> universe;
  std::vector<IndexRule> index_rules;  // of several of one project the first that holds counts
  std::vector<Preference> preferences;
  // An upgrade: what the source knows of these projects (or of all) has to be as new as the index, not as a cache. For
  // who asks the source; solving goes by the preferences.
  bool is_upgrade = false;
  std::set<pep::Name> upgraded;
  std::vector<OwnProject> own;  // explanations say when a requirement has the name of one of them
  Policy policy;
};

// Whether something says which index the project comes from: no other is asked for it.
bool has_index_rule(std::span<const IndexRule> rules, const pep::Name& name);

}  // namespace pkg::resolver
