#pragma once
// What tests of the readers share: a project as the pyproject.toml that it becomes, and its notes as lines.

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "base/text.h"
#include "ops/migrate/import_text.h"
#include "ops/migrate/imported_project.h"

namespace pkg::test {

inline ops::ImportPlace import_place(const std::string& folder = "/home/u/work") {
  return {folder, "https://index.test/simple/"};
}

inline std::string error_text(const Error& error) {
  std::string text = "error: " + error.message;
  for (const auto& line : error.context) append(text, " | ", line);
  return text;
}

// The text of pyproject.toml; of an error, its message and context. A project called "work" where nothing says more.
inline std::string written(const Result<ops::ImportedProject>& project, const std::optional<std::string>& old = {}) {
  if (!project) return error_text(project.error());
  const auto text = ops::import_text(*project, old, "pyproject.toml", "work");
  return text ? text->text : error_text(text.error());
}

inline std::string notes(const Result<ops::ImportedProject>& project, const std::optional<std::string>& old = {}) {
  if (!project) return error_text(project.error());
  auto all = project->notes;
  if (const auto text = ops::import_text(*project, old, "pyproject.toml", "work"))
    all.insert(all.end(), text->notes.begin(), text->notes.end());
  std::string out;
  for (const auto& note : all)
    append(out, note.origin.file.empty() ? std::string() : note.origin.to_string() + ": ", note.text, '\n');
  return out;
}

inline void put_file(const std::filesystem::path& path, std::string_view text) {
  REQUIRE(fs::make_dirs(path.parent_path()).ok());
  REQUIRE(fs::publish(path, text).ok());
}

}  // namespace pkg::test
