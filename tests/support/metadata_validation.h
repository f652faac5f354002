#pragma once
// Strict checking of core metadata, for those who publish it: installers read leniently (pep/metadata.h). Core metadata
// specification, PEP 639, 643, 794. No command checks so yet; it stands here with its vectors until one does.

#include <string>
#include <vector>

#include "pep/metadata.h"

namespace pkg::pep {

struct MetadataProblem {
  std::string field;  // lower-case: "requires-dist"
  std::string message;
  bool operator==(const MetadataProblem&) const = default;
};

// Everything that is wrong, at most one problem for each field, sorted by field.
std::vector<MetadataProblem> validate_metadata(const RawMetadata& metadata);

}  // namespace pkg::pep
