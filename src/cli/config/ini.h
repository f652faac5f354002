#pragma once
// The text of pip's configuration files.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::cli {

// The sections of an INI file as pip reads them: (section, key, value), keys lower-case with dashes; values of several
// lines joined by newlines.
struct IniEntry {
  std::string section, key, value;
  int line = 0;
};
// bad_data with file and line: one that is no `key = value` below a [section].
Result<std::vector<IniEntry>> parse_ini(std::string_view text, const std::string& file_name);

// One spelling for the several that a setting's name has: "INDEX_URL", "--index-url" and "default-index" are
// "index-url".
std::string canonical_key(std::string_view key);

}  // namespace pkg::cli
