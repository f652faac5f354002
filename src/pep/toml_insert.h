#pragma once
// New keys and tables put into a TOML text where a person would write them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/toml.h"
#include "pep/toml_scan.h"

namespace pkg::pep {

// `line` ("key = value", may hold line ends) behind the last entry of the table headers[header], or behind its header.
std::string with_table_entry(std::string_view text, const ScannedToml& scan, std::size_t header, std::string_view line);
// The same for the keys before the first table; where there are none, it comes right before that table.
std::string with_top_entry(std::string_view text, const ScannedToml& scan, std::string_view line);

// `[table]` with its entries. With `beside`: behind the table of that path; otherwise behind the last table whose path
// begins as `family`; at the end of the text when there is none. Comments that touch the next header stay with it.
struct NewTable {
  std::vector<std::string> path;
  std::vector<std::string> family;
  bool beside = false;    // behind the table `family` itself, its sub-tables left out
  bool is_array = false;  // `[[table]]`
};
std::string with_new_table(std::string_view text, const ScannedToml& scan, const NewTable& table,
                           std::string_view lines);

// Equal values; positions and the order of keys do not count.
bool same_content(const toml::Value& a, const toml::Value& b);

}  // namespace pkg::pep
