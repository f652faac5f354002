#include "ops/project/local_trees.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/project/digest.h"
#include "pep/pyproject.h"
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
constexpr std::uint64_t kFingerprinted = 4u << 20;  // bytes: the directory of a wheel with 40,000 files

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

bool is_archive(std::string_view path) { return path.ends_with(".whl") || pep::is_archive_name(path); }

std::string digest_of(const std::string& text) { return hash::to_hex(hash::sha256(text)); }

}  // namespace

namespace {

// Calls back with each folder or file of this machine that a requirement comes from.
void each_local_source(const Project& project, const std::function<void(const stdfs::path&)>& visit) {
  const auto visit_sources = [&](const std::map<pep::Name, std::vector<Source>>& all, const stdfs::path& base) {
    for (const auto& [name, list] : all) {
      for (const auto& source : list) {
        if (!source.path.empty())
          visit(is_archive(source.path) ? base / source.path : base / source.path / source.subdirectory);
      }
    }
  };
  const auto visit_urls = [&](const std::vector<pep::Requirement>& requirements) {
    for (const auto& requirement : requirements) {
      if (!requirement.url.starts_with("file:")) continue;
      const auto place = pep::SourceUrl::parse(requirement.url);
      const auto path = place ? url::file_url_to_path(place->url) : Result<std::string>(place.error());
      if (path)
        visit(place->kind == pep::SourceUrl::Kind::folder ? stdfs::path(*path) / place->subdirectory
                                                          : stdfs::path(*path));
    }
  };
  for (const auto& member : project.members) {
    visit_sources(member.own_sources, member.folder);
    const bool names_files = member.text.find("file:") != std::string::npos;  // else there is nothing to parse for
    const auto groups = names_files ? pep::all_dependency_groups(member.pyproject, member.file_name)
                                    : Result<std::vector<pep::DependencyGroup>>(std::vector<pep::DependencyGroup>());
    for (const auto& group : groups ? *groups : std::vector<pep::DependencyGroup>()) visit_urls(group.requirements);
    if (!member.pyproject.project) continue;
    visit_urls(member.pyproject.project->dependencies);
    for (const auto& [extra, requirements] : member.pyproject.project->optional_dependencies) visit_urls(requirements);
  }
  visit_sources(project.settings.sources, project.root);
}

void sort_out(std::vector<stdfs::path>& paths) {
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

}  // namespace

std::vector<stdfs::path> source_folders(const Project& project) {
  std::vector<stdfs::path> folders;
  each_local_source(project, [&](const stdfs::path& path) {
    if (is_archive(path.native())) return;
    const auto folder = (path / "").lexically_normal();
    const auto is_it = [&](const Member& member) { return (member.folder / "").lexically_normal() == folder; };
    if (std::ranges::none_of(project.members, is_it)) folders.push_back(folder);
  });
  sort_out(folders);
  return folders;
}

std::vector<stdfs::path> source_archives(const Project& project) {
  std::vector<stdfs::path> archives;
  each_local_source(project, [&](const stdfs::path& path) {
    if (is_archive(path.native())) archives.push_back(path.lexically_normal());
  });
  sort_out(archives);
  return archives;
}

std::string fingerprint_of(const stdfs::path& archive) {
  const auto file = fs::open_regular(archive);
  const auto key = fs::file_key(archive);
  if (!file || !key) return "absent";
  const auto length = std::min<std::uint64_t>(key->size, kFingerprinted);
  std::string end(length, '\0');
  const auto got = fs::read_at(file->get(), key->size - length, end, archive);
  return got ? digest_of(cat(key->size, ' ', std::string_view(end).substr(0, *got))) : std::string("absent");
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
