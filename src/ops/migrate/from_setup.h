#pragma once
// Projects of setuptools: what setup.cfg says, and what the build backend says of a setup.py.
// docs/guides/import.md#setuptools

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/migrate/imported_project.h"
#include "ops/session/source_builder.h"

namespace pkg::ops {

// [metadata] and [options]; `attr:` and `file:` become [tool.setuptools.dynamic]. Nothing is run. bad_data with
// file:line: it is no such file.
Result<ImportedProject> import_setup_cfg(std::string_view text, const std::string& file_name,
                                         const std::filesystem::path& folder);

// The metadata that the build backend of `folder` gives; `text` is that of setup.py, which stays the build's: what it
// sets besides is `dynamic`. Errors: those of SourceBuilder::source (build, unsupported, conflict, network …).
Result<ImportedProject> import_setup_py(std::string_view text, const std::string& file_name,
                                        const std::filesystem::path& folder, SourceBuilder& builds);

}  // namespace pkg::ops
