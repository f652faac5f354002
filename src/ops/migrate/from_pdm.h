#pragma once
// [tool.pdm] of a pyproject.toml: development groups, sources, overrides. docs/guides/import.md#pdm

#include <string>

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

// `root` is the whole file, which lies in place.folder; its [project] is the standard's already. bad_data with
// file:line: something is not what PDM takes.
Result<ImportedProject> import_pdm(const toml::Value& root, const std::string& file_name, const ImportPlace& place);

}  // namespace pkg::ops
