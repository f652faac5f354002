#pragma once
// A conda environment.yml: what pip installs, and the Python. docs/guides/import.md#conda

#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

// Paths in it are relative to `folder`, where it lies. Conda packages are no projects of an index: a note names them.
// bad_data, unsupported with file:line: see base/small_yaml.h; not what conda takes.
Result<ImportedProject> import_conda(std::string_view text, const std::string& file_name,
                                     const std::filesystem::path& folder, const ImportPlace& place);

}  // namespace pkg::ops
