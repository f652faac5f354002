#pragma once
// [tool.uv] of a pyproject.toml or script block: what another tool's table says counts where [tool.pkg] says nothing
// about the same key. docs/reference/project.md#foreign
//
// The table is put into the tree of the file in [tool.pkg]'s words, before anything is read from it: settings, sources,
// digests and edits then see one table, and no verb can differ from another. Positions stay those of the file, so that
// messages name the right line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "ops/project/project.h"
#include "pep/pyproject.h"

namespace pkg::ops {

struct ForeignTables {
  std::vector<std::string> counted;  // keys of [tool.uv] that count, as they are called there, in the file's order
  std::vector<std::string> whole;    // of these, as [tool.pkg] calls them, those that [tool.pkg] does not have itself
  std::vector<std::string> unknown;  // keys that pkg has never heard of
  std::optional<Error> refused;      // unsupported, with file:line: the first one that would change the answer, and
                                     // that pkg cannot honour
};

// Puts what counts into `root`, the tree of `file_name`. Once for each tree.
ForeignTables adopt_foreign_tables(toml::Value& root, const std::string& file_name);

// One line each for who locks: which tables count, which do not.
std::vector<std::string> notes_of(const ForeignTables& foreign, const toml::Value& root, const std::string& file_name);

// A pyproject.toml with its settings, as everything that is about projects reads it.
struct ProjectFile {
  pep::Pyproject pyproject;
  ProjectSettings settings;
};
// bad_data: see pep::Pyproject::parse and parse_project_settings · unsupported: ForeignTables::refused.
Result<ProjectFile> parse_project_file(std::string_view text, const std::string& file_name);

}  // namespace pkg::ops
