#include "ops/lock/lock_digest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "ops/project/digest.h"
#include "ops/project/local_trees.h"
#include "pep/direct_url.h"

namespace pkg::ops {
namespace {

constexpr int kFormat = 1;  // of the digested bytes: another number makes every lock stale

const toml::Value* at(const toml::Value& root, std::string_view table, std::string_view key) {
  const auto* found = root.get(table);
  return found == nullptr ? nullptr : found->get(key);
}

// All of them but tasks, which are edited often and never concern a lock.
void add_settings(Digest& digest, const toml::Value* settings) {
  if (settings == nullptr || settings->get("tasks") == nullptr || settings->as_table() == nullptr)
    return digest.add(settings);
  auto others = *settings->as_table();
  std::erase_if(others, [](const toml::TableEntry& entry) { return entry.first == "tasks"; });
  if (others.empty()) return digest.add(static_cast<const toml::Value*>(nullptr));
  toml::Value rest;
  rest.data = std::move(others);
  digest.add(&rest);
}

void add_member(Digest& digest, const Project& project, const Member& member) {
  digest.add(member.folder.lexically_relative(project.root).native());
  digest.add(member.is_package ? "package" : "virtual");
  const auto& root = member.pyproject.root;
  for (const std::string_view key : {"name", "requires-python", "dependencies", "optional-dependencies", "dynamic"}) {
    digest.add(at(root, "project", key));
  }
  digest.add(root.get("dependency-groups"));
  // Settings that say how something is shown or installed change the digest too: a list of those that do not matter
  // would go stale.
  add_settings(digest, at(root, "tool", "pkg"));
  if (root.get("project") == nullptr) {  // a script's block
    digest.add(root.get("dependencies"));
    digest.add(root.get("requires-python"));
  }
}

bool is_told_by_backend(const Member& member) {
  if (!member.pyproject.project) return false;
  const auto& dynamic = member.pyproject.project->dynamic;
  return std::ranges::any_of(
      dynamic, [](const std::string& key) { return key == "dependencies" || key == "optional-dependencies"; });
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
  for (const auto& archive : source_archives(project)) {
    digest.add(archive.lexically_relative(project.root).native());
    digest.add(fingerprint_of(archive));
  }
}

// What members ask for to be built, where that is locked: as far as files say it, without their backends.
void add_builds(Digest& digest, const Project& project) {
  for (const auto& member : project.members) {
    if (!member.is_package || !project.settings.locked_builds.covers(member.name)) continue;
    digest.add(member.pyproject.root.get("build-system"));
    for (const auto* file : {"setup.cfg", "setup.py"}) {
      const auto text = fs::read_file_at_most(member.folder / file, limits::kText);
      digest.add(text ? *text : std::string());
    }
  }
}

void add_indexes(Digest& digest, const DigestInputs& inputs) {
  const auto& settings = inputs.settings;
  digest.add(settings.no_index ? "no index" : "");
  digest.add(settings.strategy == index::Strategy::first_index ? "first" : "best");
  if (inputs.mirror_neutral) return;
  // Those that only sources name come in no order.
  auto indexes = settings.indexes;
  std::ranges::stable_sort(indexes, [](const index::IndexLocation& a, const index::IndexLocation& b) {
    if (a.is_explicit != b.is_explicit) return b.is_explicit;
    return a.is_explicit && a.name < b.name;
  });
  for (const auto& index : indexes) {
    digest.add(index.name);
    digest.add(with_slash(index.url.without_credentials()));
    digest.add(index.is_explicit ? "explicit" : "");
    if (const auto rules = index::rules_text(index.rules); !rules.empty()) digest.add(rules);
  }
  // Places of --find-links are this machine's, and what they have is an answer, as an index's pages are.
}

// What a URL's credentials are is no matter of what is locked.
std::vector<pep::Requirement> without_credentials(std::vector<pep::Requirement> requirements) {
  for (auto& requirement : requirements)
    if (!requirement.url.empty()) requirement.url = pep::strip_credentials(requirement.url);
  return requirements;
}

}  // namespace

std::string with_slash(std::string url) {
  if (!url.ends_with('/')) url.push_back('/');
  return url;
}

std::string inputs_digest(const DigestInputs& inputs) {
  Digest digest;
  digest.add(cat("pkg lock inputs ", kFormat));
  for (const auto& member : inputs.project.members) add_member(digest, inputs.project, member);
  digest.add(without_credentials(inputs.inputs.constraints));
  digest.add(without_credentials(inputs.inputs.overrides));
  for (const auto& name : inputs.inputs.excludes) digest.add(name.str());
  for (const auto& [key, value] : inputs.options) {
    digest.add(key);
    digest.add(value);
  }
  add_indexes(digest, inputs);
  add_trees(digest, inputs.project);
  add_builds(digest, inputs.project);
  return digest.finish();
}

}  // namespace pkg::ops
