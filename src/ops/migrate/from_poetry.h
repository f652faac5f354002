#pragma once
// [tool.poetry] of a pyproject.toml: metadata, dependencies, groups, extras, scripts and sources.
// docs/guides/import.md#poetry

#include <string>

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

// `root` is the whole file, which lies in place.folder. With a [project] that has dependencies, those of [tool.poetry]
// give their sources alone, as Poetry has it. bad_data with file:line: something is not what Poetry takes.
Result<ImportedProject> import_poetry(const toml::Value& root, const std::string& file_name, const ImportPlace& place);

}  // namespace pkg::ops
