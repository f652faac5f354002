#pragma once
// pip's requirements file format: text in, lines with meaning out. Following -r and -c is the caller's work.

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
  std::string value;                 // requirement text, path or URL; the option's value
  std::string option;                // kind option: "--index-url" …, long form
  std::vector<std::string> hashes;   // "sha256:…", of the line's --hash options
  std::vector<std::pair<std::string, std::string>> config_settings;
  Origin origin;
};

// Continuations, comments, ${VAR} (via `environment`), quoting, BOMs and coding comments as pip reads them.
Result<std::vector<RequirementLine>> parse_requirements_txt(std::string_view text, const std::string& file_name,
                                                            const std::function<std::optional<std::string>(std::string_view)>& environment);

}  // namespace pkg::pep
