#pragma once
// pip's requirements file format: text in, lines with meaning out.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/origin.h"
#include "base/result.h"

namespace pkg::pep {

struct RequirementLine {
  enum class Kind { requirement, editable, requirements_file, constraints_file, option } kind = Kind::requirement;
  std::string value;                // requirement text, path or URL; the option's value, empty for a switch
  std::string option;               // kind option: "--index-url" …, long form
  std::vector<std::string> hashes;  // "sha256:…", of the line's --hash options
  std::vector<std::pair<std::string, std::string>> config_settings;
  Origin origin;
};

// The variables that ${NAME} may name; nullopt or empty leaves the text as it is.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view)>;

// Continuations, comments, ${VAR} (via `environment`), quoting, BOMs and coding comments as pip reads them. Requirement
// texts are not parsed here, and options after a requirement other than --hash and --config-settings are read over, as
// pip does. bad_data with file and line: an unknown option, an open quote, bytes that cannot be decoded.
Result<std::vector<RequirementLine>> parse_requirements_txt(std::string_view text, const std::string& file_name,
                                                            const EnvironmentLookup& environment);

// What a requirements file says together with the files it names.
struct RequirementsFile {
  std::vector<RequirementLine> requirements;  // requirement and editable lines
  std::vector<RequirementLine> constraints;   // the same, of files given with -c
  std::vector<RequirementLine> options;       // in order; of several --index-url the last counts
};

enum class RequirementsRole { requirements, constraints };

// Gives the bytes of a file by the name that `load_requirements` was given or that it made from an -r or -c line: a
// path or a URL.
using RequirementsReader = std::function<Result<std::string>(const std::string& name)>;

// Reads `file_name` and what it includes (-r, -c), in place. Paths of included files are taken from the folder of the
// file that names them; a file included with -r is no constraint, whoever includes it. Files that include each other in
// a circle are bad_data.
Result<RequirementsFile> load_requirements(const std::string& file_name, RequirementsRole role,
                                           const RequirementsReader& read, const EnvironmentLookup& environment);

}  // namespace pkg::pep
