#include "ops/project/local_trees.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/project/digest.h"
#include "pep/source_url.h"
#include "venv/transaction/state_folder.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr auto kDefinition =
    std::to_array<std::string_view>({"pyproject.toml", "setup.cfg", "setup.py", "requirements.txt"});
constexpr std::size_t kMostFiles = 100'000;  // a tree with more is built each time
constexpr const char* kName = "trees";
constexpr std::string_view kFormat = "pkg trees 2";

std::string key_text(const stdfs::path& path) {
  const auto key = fs::file_key(path);
  return key ? cat(key->inode, ' ', key->size, ' ', key->mtime_ns) : std::string("absent");
}

// Made by tools, not part of what a tree is.
bool is_passed_over(std::string_view name) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"__pycache__", "build", "dist", "node_modules", "venv", "env"});
  return name.starts_with('.') || name.ends_with(".egg-info") || std::ranges::find(kNames, name) != kNames.end();
}

// Path, size and time of each file, sorted; empty: too many.
std::vector<std::string> files_of(const stdfs::path& folder) {
  std::vector<std::string> lines;
  std::error_code failed;
  stdfs::recursive_directory_iterator at(folder, stdfs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != stdfs::recursive_directory_iterator(); at.increment(failed)) {
    const auto name = at->path().filename().native();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (is_passed_over(name)) at.disable_recursion_pending();
      continue;
    }
    lines.push_back(cat(at->path().native(), ' ', key_text(at->path())));
    if (lines.size() > kMostFiles) return {};
  }
  std::ranges::sort(lines);
  return lines;
}

std::string digest_of(const std::string& text) { return hash::to_hex(hash::sha256(text)); }

}  // namespace

std::vector<stdfs::path> source_folders(const Project& project) {
  std::vector<stdfs::path> folders;
  const auto add = [&](const stdfs::path& path) {
    const auto folder = (path / "").lexically_normal();
    const auto is_it = [&](const Member& member) { return (member.folder / "").lexically_normal() == folder; };
    if (std::ranges::none_of(project.members, is_it)) folders.push_back(folder);
  };
  const auto add_sources = [&](const std::map<pep::Name, std::vector<Source>>& all, const stdfs::path& base) {
    for (const auto& [name, list] : all) {
      for (const auto& source : list) {
        const bool is_file = source.path.ends_with(".whl") || pep::is_archive_name(source.path);
        if (!source.path.empty() && !is_file) add(base / source.path / source.subdirectory);
      }
    }
  };
  const auto add_urls = [&](const std::vector<pep::Requirement>& requirements) {
    for (const auto& requirement : requirements) {
      if (!requirement.url.starts_with("file:")) continue;
      const auto place = pep::SourceUrl::parse(requirement.url);
      if (!place || place->kind != pep::SourceUrl::Kind::folder) continue;
      if (const auto path = url::file_url_to_path(place->url)) add(stdfs::path(*path) / place->subdirectory);
    }
  };
  for (const auto& member : project.members) {
    add_sources(member.own_sources, member.folder);
    if (!member.pyproject.project) continue;
    add_urls(member.pyproject.project->dependencies);
    for (const auto& [extra, requirements] : member.pyproject.project->optional_dependencies) add_urls(requirements);
  }
  add_sources(project.settings.sources, project.root);
  std::ranges::sort(folders);
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

std::string definition_of(const stdfs::path& folder) {
  std::string text;
  for (const auto name : kDefinition) {
    const auto content = fs::read_file_at_most(folder / name, limits::kText);
    append(text, name, ' ', content ? cat(content->size(), ':', *content) : std::string("absent"), '\n');
  }
  return digest_of(text);
}

std::string look_of_tree(const stdfs::path& folder, bool editable) {
  if (editable) return cat("editable ", definition_of(folder));
  const auto files = files_of(folder);
  return files.empty() ? std::string() : cat("built ", digest_of(join(files, "\n")));
}

std::string look_of_member(const Member& member, bool editable) {
  if (!editable) return look_of_tree(member.folder, false);
  return cat("editable ", build_digest(member.pyproject.root), ' ', key_text(member.folder / "setup.py"), ' ',
             key_text(member.folder / "setup.cfg"));
}

TreeLooks remembered_trees(const venv::Environment& environment, const venv::StateKey& key) {
  TreeLooks looks;
  const auto note = venv::read_note(environment, kName, kFormat, key);
  if (!note) return looks;
  for (const auto line : split_lines(note->text)) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    if (auto name = pep::Name::parse(line.substr(0, space)))
      looks[std::move(name).value()] = std::string(line.substr(space + 1));
  }
  return looks;
}

void remember_trees(const venv::Environment& environment, const TreeLooks& looks, const venv::StateKey& key) {
  if (looks.empty()) return venv::delete_note(environment, kName);
  std::string text;
  for (const auto& [name, look] : looks) append(text, name.str(), ' ', look, '\n');
  venv::write_note(environment, kName, kFormat, text, key);
}

}  // namespace pkg::ops
