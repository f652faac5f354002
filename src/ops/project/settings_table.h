#pragma once
// Tables and arrays of [tool.pkg], walked with a reader that names file and line in every complaint.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// Calls `read(entry)` for each member of a table; bad_data when it is none.
template <class Read>
Status each_entry(const toml::Value& value, std::string_view what, const pep::TomlReader& reader, const Read& read) {
  const auto* table = value.as_table();
  if (table == nullptr) return reader.wrong_type(value, what, "a table");
  for (const auto& entry : *table) PKG_TRY(read(entry));
  return ok_status();
}

// Calls `read(item)` for each item of an array; bad_data when it is none.
template <class Read>
Status each_item(const toml::Value& value, std::string_view what, const pep::TomlReader& reader, const Read& read) {
  const auto* items = value.as_array();
  if (items == nullptr) return reader.wrong_type(value, what, "an array");
  for (const auto& item : *items) PKG_TRY(read(item));
  return ok_status();
}

// [tool.NAME] of a file's tree, whatever it is; nullptr: there is none. It lives as long as `root`.
const toml::Value* tool_entry(const toml::Value& root, std::string_view name);

// `entry` is no setting of `table`, with the nearest known one as a hint.
Error unknown_key(const pep::TomlReader& reader, const toml::TableEntry& entry, std::string_view table,
                  std::span<const std::string> known);

}  // namespace pkg::ops
