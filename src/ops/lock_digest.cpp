#include "ops/lock_digest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hash.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "ops/local_trees.h"

namespace pkg::ops {
namespace {

constexpr int kFormat = 1;  // of the digested bytes: another number makes every lock stale

// Pieces with their lengths: no two sequences of pieces give the same bytes.
class Digest {
 public:
  void add(std::string_view text) { append(bytes_, text.size(), ':', text); }
  void add(const std::vector<pep::Requirement>& requirements) {
    add(cat(requirements.size()));
    for (const auto& requirement : requirements) add(requirement.to_string());
  }
  // Keys in the order of their bytes: where a table is written does not count. The reader bounds the nesting (base/toml.h).
  void add(const toml::Value* value) {
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
  std::string finish() const { return hash::to_hex(hash::sha256(bytes_)); }

 private:
  std::string bytes_;
};

const toml::Value* at(const toml::Value& root, std::string_view table, std::string_view key) {
  const auto* found = root.get(table);
  return found == nullptr ? nullptr : found->get(key);
}

void add_member(Digest& digest, const Project& project, const Member& member) {
  digest.add(member.folder.lexically_relative(project.root).native());
  digest.add(member.is_package ? "package" : "virtual");
  const auto& root = member.pyproject.root;
  for (const std::string_view key : {"name", "requires-python", "dependencies", "optional-dependencies", "dynamic"}) {
    digest.add(at(root, "project", key));
  }
  digest.add(root.get("dependency-groups"));
  // Settings that say how something is shown or installed change the digest too: a list of those that do not matter would go stale.
  digest.add(at(root, "tool", "pkg"));
  if (root.get("project") == nullptr) {  // a script's block
    digest.add(root.get("dependencies"));
    digest.add(root.get("requires-python"));
  }
}

bool is_told_by_backend(const Member& member) {
  if (!member.pyproject.project) return false;
  const auto& dynamic = member.pyproject.project->dynamic;
  return std::ranges::any_of(dynamic, [](const std::string& key) { return key == "dependencies" || key == "optional-dependencies"; });
}

// What trees outside of the members' pyproject.toml say of their dependencies. Nothing is added where there are none.
void add_trees(Digest& digest, const Project& project) {
  for (const auto& member : project.members) {
    if (is_told_by_backend(member)) digest.add(definition_of(member.folder));
  }
  for (const auto& folder : source_folders(project)) {
    digest.add(folder.lexically_relative(project.root).native());
    digest.add(definition_of(folder));
  }
}

void add_indexes(Digest& digest, const DigestInputs& inputs) {
  const auto& settings = inputs.settings;
  digest.add(settings.no_index ? "no index" : "");
  digest.add(settings.strategy == index::Strategy::first_index ? "first" : "best");
  if (inputs.mirror_neutral) return;
  for (const auto& index : settings.indexes) {
    digest.add(index.name);
    digest.add(index.url.without_credentials());
    digest.add(index.is_explicit ? "explicit" : "");
  }
  for (const auto& place : settings.find_links) digest.add(place.without_credentials());
}

}  // namespace

std::string inputs_digest(const DigestInputs& inputs) {
  Digest digest;
  digest.add(cat("pkg lock inputs ", kFormat));
  for (const auto& member : inputs.project.members) add_member(digest, inputs.project, member);
  digest.add(inputs.inputs.constraints);
  digest.add(inputs.inputs.overrides);
  for (const auto& name : inputs.inputs.excludes) digest.add(name.str());
  for (const auto& [key, value] : inputs.options) {
    digest.add(key);
    digest.add(value);
  }
  add_indexes(digest, inputs);
  add_trees(digest, inputs.project);
  return digest.finish();
}

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
