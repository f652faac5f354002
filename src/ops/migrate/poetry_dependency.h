#pragma once
// Poetry's dependencies: a constraint or a table under a name, or several of them for different environments.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"
#include "ops/migrate/poetry_constraint.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// One dependency, or one of several for different environments.
struct PoetryDependency {
  pep::Requirement requirement;
  std::optional<Source> source;
  bool is_optional = false;
};

// Reads them for one project. Notes of `project` tell what is not carried. All errors are bad_data, with file:line.
// What it is given outlives it.
class PoetryDependencies {
 public:
  PoetryDependencies(const pep::TomlReader& reader, const ImportPlace& place, ImportedProject& project)
      : reader_(reader), place_(place), project_(project) {}

  // [[tool.poetry.source]]: the indexes. First, for dependencies name them.
  Status read_sources(const toml::Value& table);
  // What an entry of a table of dependencies asks for; `what` names the table in messages.
  Result<std::vector<PoetryDependency>> read(const toml::TableEntry& entry, const std::string& what);
  Result<PoetryConstraint> constraint(const toml::Value& value, std::string_view what) const;

 private:
  using Item = PoetryDependency;
  Result<std::string> source_text(const toml::Value& item, std::string_view key) const;
  Result<bool> read_source(const toml::Value& item);
  Status set_versions(const toml::Value& value, const std::string& what, Item& item);
  Status set_place(std::string_view key, const toml::Value& value, const std::string& what, Item& item);
  Status read_key(const toml::TableEntry& entry, const std::string& what, Item& item);
  void finish_source(Item& item, const toml::Value& value);
  Result<Item> read_item(const pep::Name& name, const std::string& written, const toml::Value& value,
                         const std::string& what);
  void separate_sources(std::vector<Item>& items);

  const pep::TomlReader& reader_;
  const ImportPlace& place_;
  ImportedProject& project_;
  std::vector<std::string> primaries_;
  std::set<std::string> pypi_names_;  // sources that are the default index under another name
  bool develop_ = false;              // of the item that is read
};

}  // namespace pkg::ops
