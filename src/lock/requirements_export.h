#pragma once
// A Resolution as pinned requirements text (pip's format).

#include <string>
#include <string_view>

#include "resolver/resolution.h"

namespace pkg::lock {

struct RequirementsExportOptions {
  bool hashes = false;   // --generate-hashes: every file of the release
  bool annotate = true;  // "# via …"
  std::string header;    // comment lines at the top, without "# "; empty: none
};

std::string requirements_text(const resolver::Resolution& resolution, const RequirementsExportOptions& options);

}  // namespace pkg::lock
