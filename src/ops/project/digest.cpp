#include "ops/project/digest.h"

#include <algorithm>
#include <variant>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::ops {

void Digest::add(std::string_view text) { append(bytes_, text.size(), ':', text); }

void Digest::add(const std::vector<pep::Requirement>& requirements) {
  add(cat(requirements.size()));
  for (const auto& requirement : requirements) add(requirement.to_string());
}

void Digest::add(const toml::Value* value) {
  if (value == nullptr) return add("none");
  add(value->type_name());
  if (const auto* table = value->as_table()) {
    std::vector<const toml::TableEntry*> entries;
    for (const auto& entry : *table) entries.push_back(&entry);
    std::ranges::sort(entries, {}, [](const toml::TableEntry* entry) -> const std::string& { return entry->first; });
    add(cat(entries.size()));
    for (const auto* entry : entries) {
      add(entry->first);
      add(&entry->second);
    }
  } else if (const auto* array = value->as_array()) {
    add(cat(array->size()));
    for (const auto& item : *array) add(&item);
  } else if (const auto* text = value->as_string()) {
    add(*text);
  } else if (const auto* number = value->as_integer()) {
    add(cat(*number));
  } else if (const auto* flag = value->as_bool()) {
    add(*flag ? "true" : "false");
  } else if (const auto* time = std::get_if<toml::DateTime>(&value->data)) {
    add(time->text);
  } else if (const auto* real = std::get_if<double>(&value->data)) {
    add(std::to_string(*real));
  }
}

std::string Digest::finish() const { return hash::to_hex(hash::sha256(bytes_)); }

std::string build_digest(const toml::Value& pyproject) {
  Digest digest;
  const auto* table = pyproject.as_table();
  if (table == nullptr) return digest.finish();
  for (const auto& [key, value] : *table) {
    if (key == "dependency-groups" || key == "tool") continue;
    digest.add(key);
    digest.add(&value);
  }
  const auto* tools = pyproject.get("tool");
  if (tools == nullptr || tools->as_table() == nullptr) return digest.finish();
  for (const auto& [key, value] : *tools->as_table()) {
    if (key == "pkg") continue;
    digest.add(key);
    digest.add(&value);
  }
  return digest.finish();
}

}  // namespace pkg::ops
