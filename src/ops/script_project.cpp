#include "ops/script_project.h"

#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/toml.h"
#include "pep/script_block.h"

namespace pkg::ops {
namespace {

constexpr std::uint64_t kMaxScriptBytes = 16u << 20;

Result<std::vector<pep::Requirement>> dependencies_of(const toml::Value& block, const std::string& file) {
  std::vector<pep::Requirement> requirements;
  const auto* value = block.get("dependencies");
  if (value == nullptr) return requirements;
  const auto* list = value->as_array();
  if (list == nullptr)
    return make_error(ErrorKind::bad_data, cat("`dependencies` of ", quote(file), " is ", value->type_name(), ", expected an array"));
  for (const auto& item : *list) {
    const auto* text = item.as_string();
    if (text == nullptr)
      return make_error(ErrorKind::bad_data, cat("`dependencies` of ", quote(file), " holds ", item.type_name(), ", expected strings"));
    PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(*text).with([&] { return cat("in the script block of ", quote(file)); }));
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
      return make_error(ErrorKind::bad_data, cat("`requires-python` of ", quote(file), " is ", python->type_name(), ", expected a string"));
    PKG_TRY_ASSIGN(table.requires_python,
                   pep::SpecifierSet::parse(*text).with([&] { return cat("in the script block of ", quote(file)); }));
    table.has_requires_python = true;
  }
  return table;
}

}  // namespace

Result<Project> open_script(const std::filesystem::path& script) {
  const auto file = script.filename().string();
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(script, kMaxScriptBytes));
  PKG_TRY_ASSIGN(const auto block, pep::script_block(text).with([&] { return cat("while reading ", quote(file)); }));
  if (!block) return make_error(ErrorKind::bad_data, cat(quote(file), " has no `# /// script` block"));
  Member member;
  member.folder = script.parent_path();
  member.file_name = file;
  member.text = *block;
  PKG_TRY_ASSIGN(member.pyproject.root, toml::parse(*block, file));
  PKG_TRY_ASSIGN(member.pyproject.project, project_table(member.pyproject.root, file));
  Project project;
  project.root = member.folder;
  PKG_TRY_ASSIGN(project.settings, parse_project_settings(member.pyproject, file));
  project.members.push_back(std::move(member));
  return project;
}

bool has_script_block(const std::filesystem::path& script) {
  const auto text = fs::read_file_at_most(script, kMaxScriptBytes);
  if (!text) return false;
  const auto block = pep::script_block(*text);
  return block.ok() && block->has_value();
}

}  // namespace pkg::ops
