#pragma once
// A lock as a software bill of materials: CycloneDX 1.6, JSON.

#include <cstdint>
#include <optional>
#include <string>

#include "lock/lock_file.h"

namespace pkg::lock {

struct SbomOptions {
  std::string project, project_version;   // what is described; an empty name: nothing is said of it
  std::string tool_version;               // of this program; empty: not said
  std::optional<std::int64_t> timestamp;  // unix seconds; nullopt: none, so that the same lock gives the same bytes
};

// A component for each package of the lock with its purl, the files as external references with their hashes, and the
// graph of what needs what. Several versions of one project are several components, their markers are properties. For
// what one environment gets, give for_one_target()'s lock. The serial number follows from the content. Ends with a
// newline.
std::string cyclonedx_json(const LockFile& lock, const SbomOptions& options);

}  // namespace pkg::lock
