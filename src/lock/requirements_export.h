#pragma once
// Pinned requirements text (pip's format): of a Resolution, and of a lock for a choice of its extras and groups.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/select.h"
#include "resolver/resolution.h"

namespace pkg::lock {

struct RequirementsExportOptions {
  bool hashes = false;   // --generate-hashes: every file of the release
  bool annotate = true;  // "# via …"
  std::string header;    // comment lines at the top, without "# "; empty: none
};

std::string requirements_text(const resolver::Resolution& resolution, const RequirementsExportOptions& options);

struct LockExportChoice {
  std::optional<std::vector<pep::Name>> extras, groups;  // as in SelectOptions
  std::vector<pep::Name> leave_out;  // projects that get no line: the locked project itself, members of the workspace
  std::string project;               // "# via" for what the project asks for; empty: nothing is said
};

// A line for each package that the choice can install somewhere, with the marker that is left of it, in the order of
// the lock. Archives and revisions are named by URL, folders and local files by their path. With hashes, a package
// without any (a folder, a revision) is `unsupported`: pip would refuse the file. Errors besides: an extra or group the
// lock does not have.
Result<std::string> requirements_text(const LockFile& lock, const LockExportChoice& choice,
                                      const RequirementsExportOptions& options);

}  // namespace pkg::lock
