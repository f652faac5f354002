#pragma once
// Layouts of requirements files: `requirements.in` and what is compiled of it, `dev-requirements.txt`,
// `requirements/test.in`. docs/guides/import.md#requirements

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/migrate/imported_project.h"
#include "pep/requirements_txt.h"

namespace pkg::ops {

// One file that people write.
struct LayoutFile {
  std::string path;      // relative to the layout's folder
  std::string group;     // empty: the project's dependencies
  std::string compiled;  // what pip-compile or `pkg compile` made of it; empty: nothing
};

// The layout in `folder`: its files whose names hold "requirements", and those of its folder `requirements`. Sorted,
// the dependencies first. Without one: empty.
std::vector<LayoutFile> requirements_layout(const std::filesystem::path& folder);

// The layout that `file` (absolute) belongs to; a file of another name is the dependencies alone. What is written
// becomes dependencies and groups, what is compiled becomes pins. not_found, io: a file · bad_data with file and line:
// what is no requirements file, or includes itself.
Result<ImportedProject> import_requirements(const std::filesystem::path& file, const ImportPlace& place);

// A line of a requirements file of `folder` that is no -r and no -c: into `list`, or into the settings of `project`.
void take_requirements_line(const pep::RequirementLine& line, const std::filesystem::path& folder,
                            const ImportPlace& place, ImportedProject& project, std::vector<pep::Requirement>& list);

}  // namespace pkg::ops
