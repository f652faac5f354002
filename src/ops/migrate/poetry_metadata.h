#pragma once
// What [tool.poetry] says of a project besides what it needs: name, version, people, URLs, scripts.

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// `table` is [tool.poetry] of `root`. Notes tell what [project] has no place for. bad_data, with file:line.
Status read_poetry_metadata(const toml::Value& root, const toml::Value& table, const pep::TomlReader& reader,
                            ImportedProject& project);

}  // namespace pkg::ops
