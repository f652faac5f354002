#pragma once
// The text of a setup.cfg, as Python's configparser and setuptools read it.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::ops {

struct CfgEntry {
  std::string key;    // lower-case, with underscores
  std::string value;  // the lines of a value, without comments and white space around them, joined by newlines
  int line = 0;
};
struct CfgSection {
  std::string name;
  std::vector<CfgEntry> entries;
  // nullptr: it has no such key. Of one that is there twice, the last.
  const CfgEntry* get(std::string_view key) const;
};

class SetupCfg {
 public:
  // bad_data with file:line: a line that is neither a [section] nor `key = value` below one, or too many of them.
  static Result<SetupCfg> parse(std::string_view text, const std::string& file_name);
  const CfgSection* section(std::string_view name) const;  // nullptr: there is none

 private:
  std::vector<CfgSection> sections_;
};

// A list: one item a line, or on one line parted by `separator`.
std::vector<std::string> cfg_list(std::string_view value, char separator);
// `key = value` lines, in order; what has no `=` is left out.
std::vector<std::pair<std::string, std::string>> cfg_pairs(std::string_view value);

}  // namespace pkg::ops
