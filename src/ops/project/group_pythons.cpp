#include "ops/project/group_pythons.h"

#include <utility>

#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kTable = "tool.pkg.dependency-groups";

Result<GroupPython> read_group(const toml::TableEntry& group, const pep::TomlReader& reader) {
  const auto what = cat(kTable, ".", group.first);
  const auto* entries = group.second.as_table();
  if (entries == nullptr) return reader.wrong_type(group.second, what, "a table");
  GroupPython read{{}, reader.origin(group.second)};
  for (const auto& [key, value] : *entries) {
    if (key != "requires-python") {
      auto error = reader.wrong(value, cat(quote(key), " is no setting of [", what, "]"));
      error.hint = "`requires-python` is";
      return error;
    }
    PKG_TRY_ASSIGN(const auto text, reader.text(value, cat(what, ".", key)));
    PKG_TRY_ASSIGN(read.pythons, pep::SpecifierSet::parse(text).with([&] {
      return cat("in ", what, ".", key, " at ", reader.origin(value).to_string());
    }));
    read.origin = reader.origin(value);
  }
  return read;
}

}  // namespace

Result<GroupPythonSettings> read_group_pythons(const toml::Value& value, const pep::TomlReader& reader) {
  const auto* groups = value.as_table();
  if (groups == nullptr) return reader.wrong_type(value, kTable, "a table");
  GroupPythonSettings settings;
  for (const auto& group : *groups) {
    PKG_TRY_ASSIGN(auto name, reader.key_name(group, kTable));
    PKG_TRY_ASSIGN(auto read, read_group(group, reader));
    if (!settings.try_emplace(std::move(name), std::move(read)).second)
      return reader.wrong(group.second, cat(quote(group.first), " stands twice in [", kTable, "]"));
  }
  return settings;
}

Result<pep::GroupPythons> group_pythons_of(const toml::Value& root, const std::string& file_name) {
  const pep::TomlReader reader(file_name);
  pep::GroupPythons pythons;
  for (const std::string_view tool : {"pkg", "uv"}) {
    const toml::Value* at = &root;
    for (const std::string_view key : {std::string_view("tool"), tool, std::string_view("dependency-groups")})
      at = at == nullptr ? nullptr : at->get(key);
    if (at == nullptr) continue;
    PKG_TRY_ASSIGN(const auto settings, read_group_pythons(*at, reader));
    pythons.merge(without_origins(settings));
  }
  return pythons;
}

pep::GroupPythons without_origins(const GroupPythonSettings& settings) {
  pep::GroupPythons pythons;
  for (const auto& [name, group] : settings)
    if (!group.pythons.empty()) pythons.emplace(name, group.pythons);
  return pythons;
}

}  // namespace pkg::ops
