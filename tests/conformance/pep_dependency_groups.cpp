// dependency_groups.json: [dependency-groups] tables (PEP 735). The classes of packaging's exceptions are not compared,
// only that there is an error.

#include <string>

#include "conformance/cases.h"
#include "pep/pyproject.h"

namespace pkg::conformance {

namespace {

using OrderedJson = nlohmann::ordered_json;

toml::Value to_toml(const OrderedJson& value) {
  toml::Value out;
  if (value.is_string()) {
    out.data = value.get<std::string>();
  } else if (value.is_boolean()) {
    out.data = value.get<bool>();
  } else if (value.is_number_integer()) {
    out.data = value.get<std::int64_t>();
  } else if (value.is_number()) {
    out.data = value.get<double>();
  } else if (value.is_array()) {
    toml::Array items;
    for (const OrderedJson& item : value) items.push_back(to_toml(item));
    out.data = std::move(items);
  } else {
    toml::Table table;
    for (const auto& [key, item] : value.items()) table.emplace_back(key, to_toml(item));
    out.data = std::move(table);
  }
  return out;
}

bool check(const OrderedJson& item) {
  pep::Pyproject pyproject;
  toml::Table root;
  root.emplace_back("dependency-groups", to_toml(item.at("groups")));
  pyproject.root.data = std::move(root);
  std::vector<std::string> out;
  for (const auto& name : item.at("resolve").get<std::vector<std::string>>()) {
    const auto group = pep::dependency_group(pyproject, name, "pyproject.toml");
    if (!group) return item.contains("errors");
    for (const pep::Requirement& requirement : group->requirements) out.push_back(requirement.to_string());
  }
  return !item.contains("errors") && out == item.at("requirements").get<std::vector<std::string>>();
}

}  // namespace

// The order of groups and of the keys in them counts, so that this file is read with an ordered parser.
std::vector<SectionResult> run_dependency_groups(const std::filesystem::path& folder) {
  const std::string file = "dependency_groups.json";
  std::ifstream stream(folder / file, std::ios::binary);
  const OrderedJson document = OrderedJson::parse(stream, nullptr, false);
  if (document.is_discarded()) return {unreadable(file)};
  SectionResult result{file, "resolve", 0, {}};
  for (const OrderedJson& item : document.at("sections").at("resolve").at("cases")) {
    ++result.total;
    if (!check(item)) result.failed.push_back(item.at("id").get<std::string>());
  }
  return {result};
}

}  // namespace pkg::conformance
