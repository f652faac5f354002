#pragma once
// dependency-metadata: what counts instead of the metadata of a release, as settings and projects say it.

#include <optional>
#include <vector>

#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "pep/version.h"

namespace pkg::ops {

struct DependencyMetadata {
  pep::Name name;
  std::optional<pep::Version> version;  // nullopt: every version
  std::vector<pep::Requirement> requires_dist;
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<pep::Name> provides_extra;
  bool operator==(const DependencyMetadata&) const = default;
};

}  // namespace pkg::ops
