#pragma once
// A Pipfile: packages, categories, sources, the Python it is for. docs/guides/import.md#pipfile

#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

// Paths in it are relative to `folder`, where it lies. bad_data with file:line: no TOML, or not what Pipenv takes.
Result<ImportedProject> import_pipfile(std::string_view text, const std::string& file_name,
                                       const std::filesystem::path& folder, const ImportPlace& place);

// The lock of a Pipfile names the commit alone: what was asked for is the Pipfile's.
void name_revisions(const ImportedProject& project, lock::LockFile& pins);

}  // namespace pkg::ops
