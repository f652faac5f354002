#pragma once
// What another tool's files say of a project, as one plain value: each format has a reader that makes one, and
// import_text writes it as a pyproject.toml. docs/guides/import.md

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/origin.h"
#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/project/project.h"
#include "pep/name.h"
#include "pep/requirement.h"

namespace pkg::ops {

// An extra or a dependency group.
struct ImportedList {
  std::string name;
  std::vector<pep::Requirement> requirements;
  std::vector<std::string> includes;  // groups: other groups
};

struct ImportedIndex {
  std::string name, url;     // without credentials
  bool is_explicit = false;  // only for what names it
  bool is_default = false;   // in place of the default index
};

// What could not be carried, or was chosen for the user.
struct ImportNote {
  std::string text;
  Origin origin;  // no file: of the whole
  bool operator==(const ImportNote&) const = default;
};

// Keys with values in TOML, in order.
using TomlEntries = std::vector<std::pair<std::string, std::string>>;

struct ImportedProject {
  std::string tool;                // "Poetry", "PDM", "Pipenv", "setuptools", "requirements files", "conda"
  std::string manifest;            // the file, as messages call it
  std::vector<std::string> files;  // all that were read, the manifest first

  std::string name;      // as written; empty: the folder's
  TomlEntries metadata;  // of [project]: version, description, requires-python, authors …
  std::vector<std::string> dynamic;
  std::vector<pep::Requirement> dependencies;
  std::vector<ImportedList> extras, groups;
  TomlEntries scripts, gui_scripts;
  std::vector<std::pair<std::string, TomlEntries>> entry_points;  // group → name → object
  TomlEntries urls;

  std::map<pep::Name, std::vector<Source>> sources;
  std::vector<ImportedIndex> indexes;
  TomlEntries settings;                                                  // further keys of [tool.pkg]
  std::map<std::string, std::vector<std::string>> list_settings;         // the same, of lists of texts
  std::vector<std::pair<pep::Name, std::string>> prereleases;            // [tool.pkg.prerelease-package]
  TomlEntries build_system;                                              // where there is none
  std::vector<std::pair<std::vector<std::string>, TomlEntries>> tables;  // others that are new: path → entries

  // Dependencies are already in [project]; only sources of them are taken, and what is dynamic there.
  bool only_enriches = false;

  std::optional<lock::LockFile> pins;
  std::string pins_from;
  std::vector<ImportNote> notes;

  void note(std::string text, Origin origin = {}) { notes.push_back({std::move(text), std::move(origin)}); }
};

// Where an import happens.
struct ImportPlace {
  std::filesystem::path folder;  // of the pyproject.toml that is written
  std::string default_index;     // URL of the index that is asked when nothing is configured; empty: none
};

}  // namespace pkg::ops
