#pragma once
// Requirements, constraints and override files with all they include, from this machine and from URLs
// (docs/reference/requirements-files.md).

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/settings.h"
#include "ops/session/session.h"
#include "pep/requirements_txt.h"

namespace pkg::ops {

struct InputFileNames {
  std::vector<std::string> requirements, constraints, overrides;  // paths, URLs, "-"
  std::string stdin_text;
};

// One entry per file that was named, in order, with what it includes.
struct InputFiles {
  std::vector<pep::RequirementsFile> requirements, constraints, overrides;
  index::Settings settings;  // the session's, with the index options of the files
};

// An error about a requirements file, and a line of it when `origin` says which: without what it says, unless the user
// named the file or it lies in the working folder.
Error told_of_file(const Error& error, const Origin& origin, const InputFileNames& names, const Session& session);

// Index options of this machine's files hold for fetching the others: all local files are read before anything is sent,
// and the session's own index stays unopened. Errors: bad_data and not_found with "included at …", network.
Result<InputFiles> load_input_files(const InputFileNames& names, const Session& session);

// The folder of the file that `line` stands in, for paths that are not found in the working folder; empty for URLs and
// standard input.
std::filesystem::path folder_of(const pep::RequirementLine& line, const Session& session);

}  // namespace pkg::ops
