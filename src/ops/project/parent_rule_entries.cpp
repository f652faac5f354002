#include "ops/project/parent_rule_entries.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;
using resolver::ParentRule;

constexpr std::string_view kOverrides = "tool.pkg.override-dependencies", kExcludes = "tool.pkg.exclude-dependencies";

Result<pep::Requirement> read_parent(const toml::Value& value, const std::string& what, const TomlReader& reader) {
  PKG_TRY_ASSIGN(auto parent, reader.requirement(value, what));
  if (parent.extras.empty() && parent.url.empty() && parent.marker.is_trivial()) return parent;
  return reader.wrong(value, cat("`", what, "` is a name, or a name with versions: extras, markers and URLs have no ",
                                 "meaning there"));
}

// uv's spelling: {name = "…", version = "…"}.
Result<pep::Requirement> read_package(const toml::Value& value, const std::string& what, const TomlReader& reader) {
  static const std::vector<std::string> kKnown{"name", "version"};
  pep::Requirement parent;
  PKG_TRY(each_entry(value, what, reader, [&](const toml::TableEntry& entry) -> Status {
    const auto key = cat(what, ".", entry.first);
    if (entry.first == "name") {
      PKG_TRY_ASSIGN(parent.name, reader.name(entry.second, key));
      parent.name_as_written = *entry.second.as_string();
      return ok_status();
    }
    if (entry.first != "version") return unknown_key(reader, entry, what, kKnown);
    PKG_TRY_ASSIGN(const auto text, reader.text(entry.second, key));
    PKG_TRY_ASSIGN(auto version, pep::Version::parse(text).with(
                                     [&] { return cat("in ", key, " at ", reader.origin(entry.second).to_string()); }));
    pep::Specifier exactly;
    exactly.version = std::move(version);
    parent.specifiers = pep::SpecifierSet::from_parts({std::move(exactly)});
    return ok_status();
  }));
  if (parent.name.empty()) return reader.wrong(value, cat("`", what, "` has no `name`"));
  parent.origin = reader.origin(value);
  return parent;
}

// `read_dependencies(value, what, rule)` reads the one key in which the two settings differ.
template <class Read>
Status read_rule(const toml::Value& value, std::string_view setting, const TomlReader& reader,
                 const Read& read_dependencies, std::vector<ParentRule>& rules) {
  static const std::vector<std::string> kKnown{"parent", "package", "dependencies"};
  const auto entry_of = cat("an entry of ", setting);
  ParentRule rule;
  PKG_TRY(each_entry(value, entry_of, reader, [&](const toml::TableEntry& entry) -> Status {
    const auto what = cat(setting, ".", entry.first);
    if (entry.first == "dependencies") return read_dependencies(entry.second, what, rule);
    if (entry.first != "parent" && entry.first != "package") return unknown_key(reader, entry, entry_of, kKnown);
    if (!rule.parent.name.empty())
      return reader.wrong(entry.second, cat(entry_of, " has one parent: `parent`, or `package` as uv spells it"));
    PKG_TRY_ASSIGN(rule.parent, entry.first == "parent" ? read_parent(entry.second, what, reader)
                                                        : read_package(entry.second, what, reader));
    return ok_status();
  }));
  if (rule.parent.name.empty() || (rule.dependencies.empty() && rule.excludes.empty()))
    return reader.wrong(value, cat(entry_of, " that is a table has a `parent` and its `dependencies`: ",
                                   "{parent = \"name<2\", dependencies = [\"…\"]}"));
  rules.push_back(std::move(rule));
  return ok_status();
}

}  // namespace

Status read_override_entries(const toml::Value& value, const TomlReader& reader,
                             std::vector<pep::Requirement>& overrides, std::vector<ParentRule>& rules) {
  if (value.as_array() == nullptr) return reader.wrong_type(value, kOverrides, "an array of requirements");
  const auto read = [&](const toml::Value& list, const std::string& what, ParentRule& rule) -> Status {
    PKG_TRY_ASSIGN(rule.dependencies, reader.requirements(list, what));
    for (auto& requirement : rule.dependencies) requirement.is_override = true;
    return ok_status();
  };
  return each_item(value, kOverrides, reader, [&](const toml::Value& item) -> Status {
    if (item.as_table() != nullptr) return read_rule(item, kOverrides, reader, read, rules);
    PKG_TRY_ASSIGN(auto requirement, reader.requirement(item, kOverrides));
    overrides.push_back(std::move(requirement));
    return ok_status();
  });
}

Status read_exclude_entries(const toml::Value& value, const TomlReader& reader, std::vector<pep::Name>& excludes,
                            std::vector<ParentRule>& rules) {
  if (value.as_array() == nullptr) return reader.wrong_type(value, kExcludes, "an array of names");
  const auto read = [&](const toml::Value& list, const std::string& what, ParentRule& rule) -> Status {
    PKG_TRY_ASSIGN(rule.excludes, reader.names(list, what));
    return ok_status();
  };
  return each_item(value, kExcludes, reader, [&](const toml::Value& item) -> Status {
    if (item.as_table() != nullptr) return read_rule(item, kExcludes, reader, read, rules);
    PKG_TRY_ASSIGN(auto name, reader.name(item, cat("an item of ", kExcludes)));
    excludes.push_back(std::move(name));
    return ok_status();
  });
}

}  // namespace pkg::ops
