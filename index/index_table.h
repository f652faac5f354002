#pragma once
// [[index]] of settings files, [[tool.pkg.index]] of projects and scripts: one entry each, strictly read.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "index/settings.h"

namespace pkg::index {

struct IndexEntry {
  IndexLocation location;
  bool is_default = false;  // asked last, in place of the built-in one
};

// A path in place of an index's address, as a "file:" URL that means the same from every folder; a URL stays.
std::string index_address(const std::string& text, const std::filesystem::path& folder);

// `file`: as messages call it. `folder`: what paths in place of URLs ("./wheels") are relative to. bad_data with file
// and line: a key that is not known, a value of another type or meaning, no `url`, two entries of one name, or of names
// that give their variables one name (PKG_INDEX_<NAME>_USERNAME).
Result<std::vector<IndexEntry>> read_index_tables(const toml::Value& list, const std::string& file,
                                                  const std::filesystem::path& folder);

}  // namespace pkg::index
