#pragma once
// Whether an installed distribution is whole, as far as that shows without reading all of its files: verify.h reads
// them.

#include <map>
#include <optional>
#include <span>
#include <string>

#include "venv/site.h"

namespace pkg::venv {

// What of `dist` is gone, as in "its RECORD is missing": METADATA, RECORD, or the file that stands for one of the
// top-level names that RECORD lists. nullopt: nothing shows. RECORD is missed only where an installer that writes one
// put the distribution there (pkg, pip, uv): others keep their lists elsewhere. Only of .dist-info folders.
std::optional<std::string> missing_part(const InstalledDist& dist);

// Those that are not whole, by InstalledDist::info: what missing_part() says.
using Incomplete = std::map<std::string, std::string>;
Incomplete find_incomplete(std::span<const InstalledDist> dists);

// pkg, pip and uv write a RECORD for all they install.
bool is_of_recording_installer(const InstalledDist& dist);

}  // namespace pkg::venv
