#pragma once
// What [tool.poetry] says of a project besides what it needs: name, version, people, URLs, scripts.

#include <initializer_list>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// `table` is [tool.poetry] of `root`. Notes tell what [project] has no place for. bad_data, with file:line.
Status read_poetry_metadata(const toml::Value& root, const toml::Value& table, const pep::TomlReader& reader,
                            ImportedProject& project);

// The value at the end of the path; nullptr: there is none.
const toml::Value* value_at(const toml::Value& root, std::initializer_list<std::string_view> path);
// Whether `key` of the table is true.
bool is_true(const toml::Value& table, std::string_view key);

}  // namespace pkg::ops
