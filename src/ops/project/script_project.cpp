#include "ops/project/script_project.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "base/toml.h"
#include "index/http/auth.h"
#include "index/index_table.h"
#include "ops/project/foreign_tables.h"
#include "ops/project/settings_table.h"
#include "pep/script_block.h"

namespace pkg::ops {
namespace {

Result<std::vector<pep::Requirement>> dependencies_of(const toml::Value& block, const std::string& file) {
  std::vector<pep::Requirement> requirements;
  const auto* value = block.get("dependencies");
  if (value == nullptr) return requirements;
  const auto* list = value->as_array();
  if (list == nullptr)
    return make_error(ErrorKind::bad_data,
                      cat("`dependencies` of ", quote(file), " is ", value->type_name(), ", expected an array"));
  for (const auto& item : *list) {
    const auto* text = item.as_string();
    if (text == nullptr)
      return make_error(ErrorKind::bad_data,
                        cat("`dependencies` of ", quote(file), " holds ", item.type_name(), ", expected strings"));
    PKG_TRY_ASSIGN(auto requirement,
                   pep::Requirement::parse(*text).with([&] { return cat("in the script block of ", quote(file)); }));
    requirement.origin = Origin{.file = file, .what = {}, .line = 0, .column = 0};
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

Result<pep::ProjectTable> project_table(const toml::Value& block, const std::string& file) {
  pep::ProjectTable table;
  PKG_TRY_ASSIGN(table.dependencies, dependencies_of(block, file));
  if (const auto* python = block.get("requires-python")) {
    const auto* text = python->as_string();
    if (text == nullptr)
      return make_error(ErrorKind::bad_data,
                        cat("`requires-python` of ", quote(file), " is ", python->type_name(), ", expected a string"));
    PKG_TRY_ASSIGN(table.requires_python,
                   pep::SpecifierSet::parse(*text).with([&] { return cat("in the script block of ", quote(file)); }));
    table.has_requires_python = true;
  }
  return table;
}

const std::string* text_at(const toml::Value& table, std::string_view key) {
  const auto* value = table.get(key);
  return value == nullptr ? nullptr : value->as_string();
}

Result<std::vector<index::IndexLocation>> read_indexes(const Project& script) {
  std::vector<index::IndexLocation> found;
  const auto& file = script.members.front().file_name;
  const auto* settings = tool_entry(script.members.front().pyproject.root, "pkg");
  const auto* value = settings == nullptr ? nullptr : settings->get("index");
  if (value == nullptr) return found;
  PKG_TRY_ASSIGN(auto entries, index::read_index_tables(*value, file, script.root));
  for (auto& entry : entries) found.push_back(std::move(entry.location));
  return found;
}

TrustedProject trust_of(const Project& script, const std::vector<index::IndexLocation>& indexes) {
  std::vector<TrustedWord> words;
  for (const auto& index : indexes) words.push_back({cat("index ", index.name), {index.url.with_credentials()}});
  return {script.root / script.members.front().file_name, trust_digest(words)};
}

Status add_indexes(const Project& script, const std::filesystem::path& state_dir, index::Settings& to) {
  PKG_TRY_ASSIGN(auto found, read_indexes(script));
  if (found.empty()) return ok_status();
  // Asked twice in one command, they are there already.
  const auto known = [&](const index::IndexLocation& location) {
    return std::ranges::any_of(
        to.indexes, [&](const auto& other) { return other.name == location.name && other.url == location.url; });
  };
  std::erase_if(found, known);
  const auto trust = trust_of(script, found);
  if (!trusts_every_project(process_environment()) && !is_trusted(trust.place, trust.digest, state_dir)) {
    for (auto& index : found) {
      index.takes_variables = index::leads_where_user_says(index, to.indexes);
      if (!index.takes_variables) to.foreign_urls.insert(index.url);
    }
  }
  if (!to.no_index) to.indexes.insert(to.indexes.begin(), found.begin(), found.end());
  return ok_status();
}

}  // namespace

Status apply_script_settings(const Project& script, const Session& session, index::Settings& settings,
                             ResolveOptions& options) {
  using resolver::Order;
  using resolver::Prereleases;
  const auto& member = script.members.front();
  const auto* table = tool_entry(member.pyproject.root, "pkg");
  if (table == nullptr) return ok_status();
  PKG_TRY(add_indexes(script, session.state_dir(), settings));
  auto& policy = options.policy;
  if (const auto* text = text_at(*table, "exclude-newer"); text != nullptr && !policy.exclude_newer) {
    PKG_TRY_ASSIGN(policy.exclude_newer,
                   time::parse_cutoff(*text, session.now()).with([&] { return cat("in ", quote(member.file_name)); }));
    options.exclude_newer = *text;
  }
  if (const auto* text = text_at(*table, "prerelease");
      text != nullptr && policy.prereleases == Prereleases::if_necessary) {
    policy.prereleases = resolver::parse_prereleases(*text).value_or(Prereleases::if_necessary);
  }
  if (const auto* text = text_at(*table, "resolution"); text != nullptr && policy.order == Order::highest) {
    policy.order = *text == "lowest" ? Order::lowest : *text == "lowest-direct" ? Order::lowest_direct : Order::highest;
  }
  return ok_status();
}

Result<Project> open_script(const std::filesystem::path& script) {
  const auto file = script.filename().string();
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(script, limits::kText));
  PKG_TRY_ASSIGN(const auto block, pep::script_block(text).with([&] { return cat("while reading ", quote(file)); }));
  if (!block) return make_error(ErrorKind::bad_data, cat(quote(file), " has no `# /// script` block"));
  Member member;
  member.folder = script.parent_path();
  member.file_name = file;
  member.text = block->toml;
  PKG_TRY_ASSIGN(member.pyproject.root, pep::parse_block(*block, file));
  const auto foreign = adopt_foreign_tables(member.pyproject.root, file);
  if (foreign.refused) return *foreign.refused;
  PKG_TRY_ASSIGN(member.pyproject.project, project_table(member.pyproject.root, file));
  Project project;
  project.root = member.folder;
  PKG_TRY_ASSIGN(project.settings, parse_project_settings(member.pyproject, file));
  project.settings.notes = notes_of(foreign, member.pyproject.root, file);
  member.own_sources = project.settings.sources;
  project.members.push_back(std::move(member));
  return project;
}

Result<TrustedProject> script_trust(const std::filesystem::path& script) {
  PKG_TRY_ASSIGN(const auto project, open_script(script));
  PKG_TRY_ASSIGN(const auto indexes, read_indexes(project));
  return trust_of(project, indexes);
}

bool has_script_block(const std::filesystem::path& script) {
  const auto text = fs::read_file_at_most(script, limits::kText);
  if (!text) return false;
  const auto block = pep::script_block(*text);
  return block.ok() && block->has_value();
}

}  // namespace pkg::ops
