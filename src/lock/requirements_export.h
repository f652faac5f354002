#pragma once
// Pinned requirements text (pip's format): of a Resolution, and of a lock for a choice of its extras and groups.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/requirements_lines.h"
#include "lock/select.h"
#include "resolver/resolution.h"

namespace pkg::lock {

struct RequirementsExportOptions {
  bool hashes = false;   // --generate-hashes: every file of the release
  bool annotate = true;  // "# via …"
  std::string header;    // comment lines at the top, without "# "; empty: none
  // Of a Resolution:
  AnnotationStyle style = AnnotationStyle::split;
  bool extras = false;                       // "name[extra]==1.0"
  std::vector<std::string> options;          // lines below the header: "--index-url …"
  std::set<pep::Name> leave_out;             // these are named in a comment at the end, and have no line
  std::map<std::string, std::string> paths;  // URLs of this machine that are written as paths
};

std::string requirements_text(const resolver::Resolution& resolution, const RequirementsExportOptions& options);

struct LockExportChoice {
  std::optional<std::vector<pep::Name>> extras, groups;  // as in SelectOptions
  std::vector<pep::Name> leave_out;  // projects that get no line: the locked project itself, members of the workspace
  std::string project;               // "# via" for what the project asks for; empty: nothing is said
  // Lines that name the indexes of what is exported, this one first; nullopt: none. Empty: it is not named.
  std::optional<std::string> first_index;
  std::map<pep::Name, std::vector<std::string>> askers = {};  // the same, where it is known which members ask
};

// A line for each package that the choice can install somewhere, with the marker that is left of it, in the order of
// the lock. Archives and revisions are named by URL, folders and local files by their path. With hashes, a package
// without any (a folder, a revision) is `unsupported`: pip would refuse the file. Errors besides: an extra or group the
// lock does not have.
Result<std::string> requirements_text(const LockFile& lock, const LockExportChoice& choice,
                                      const RequirementsExportOptions& options);

}  // namespace pkg::lock
