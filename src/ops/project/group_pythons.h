#pragma once
// Which Pythons a dependency group is for: [tool.pkg.dependency-groups.NAME] requires-python, and the same of
// [tool.uv]. docs/reference/project.md#groups

#include <map>
#include <string>

#include "base/origin.h"
#include "base/result.h"
#include "base/toml.h"
#include "pep/pyproject.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

struct GroupPython {
  pep::SpecifierSet pythons;
  Origin origin;
};
using GroupPythonSettings = std::map<pep::Name, GroupPython>;

// The table dependency-groups of [tool.pkg]. bad_data with file:line: a key that is none, what is no specifier, or a
// group that stands twice.
Result<GroupPythonSettings> read_group_pythons(const toml::Value& value, const pep::TomlReader& reader);

// Of a whole pyproject.toml, whatever else is wrong with its tables: those of [tool.pkg] go before those of [tool.uv].
Result<pep::GroupPythons> group_pythons_of(const toml::Value& root, const std::string& file_name);

pep::GroupPythons without_origins(const GroupPythonSettings& settings);

}  // namespace pkg::ops
