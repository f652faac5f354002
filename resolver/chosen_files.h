#pragma once
// The files of a release that can be used, or why none can.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pep/dist_file.h"

namespace pkg::resolver {

// Why a version cannot be used. The order is that of usefulness to a reader, should a version have several: the last
// hurdle is reported.
enum class Unusable : std::uint8_t {
  no_files,          // nothing that could be installed
  format,            // --no-binary or --only-binary leaves nothing
  not_yet_uploaded,  // cut off by exclude-newer
  yanked,
  hash,             // no file with a required hash
  requires_python,  // detail: the specifier
  tags,             // no wheel for this target; detail: wheel_misfit(), or the platform that a fork lacks
  variants,         // wheel variants only, of which none fits; detail: PackageSource::variant_misfit()
  no_metadata,      // detail: the reason
  bad_metadata,     // detail: the first line that was not understood
  prerelease,
  constraint,
};

struct Reason {
  Unusable kind = Unusable::no_files;
  std::string detail;
  bool operator==(const Reason&) const = default;
  auto operator<=>(const Reason&) const = default;
};

// What a universal resolution found out about the files of a release before it asks for the fork's Pythons.
struct ChosenFiles {
  bool known = false;
  std::vector<const pep::DistFile*> files;  // best first; empty: see reason
  bool has_wheel = false;
  bool same_python = true;        // all files say the same Requires-Python
  bool metadata_differs = false;  // the index announces more than one for its wheels
  std::optional<Reason> reason;
};

}  // namespace pkg::resolver
