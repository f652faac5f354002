// open_project: which pyproject.toml counts, and the workspace it belongs to. docs/reference/project.md#workspaces

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/folder_glob.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "ops/project/foreign_tables.h"
#include "ops/project/project.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kFile = "pyproject.toml";

// Folders from `folder` up to the file system's root.
std::vector<stdfs::path> with_parents(const stdfs::path& folder) {
  std::vector<stdfs::path> folders;
  for (auto at = folder;; at = at.parent_path()) {
    folders.push_back(at);
    if (at == at.parent_path()) return folders;
  }
}

Error no_project(const stdfs::path& folder) {
  auto error =
      make_error(ErrorKind::not_found, cat("no pyproject.toml in ", quote(folder.string()), " or a folder above it"),
                 "make one with `pkg init`");
  for (const auto& looked_at : with_parents(folder))
    error.context.push_back(cat("looked for ", quote((looked_at / kFile).string())));
  return error;
}

// A pyproject.toml as it is read while the workspace is looked for.
struct File {
  stdfs::path folder;
  std::string text;
  pep::Pyproject pyproject;
  ProjectSettings settings;
};

std::string display_name(const stdfs::path& folder, const stdfs::path& root) {
  return (folder / kFile).lexically_relative(root).string();
}

Result<File> parse_file(const stdfs::path& folder, std::string text, const std::string& name) {
  File file;
  file.folder = folder;
  PKG_TRY_ASSIGN(auto parsed, parse_project_file(text, name));
  file.pyproject = std::move(parsed.pyproject);
  file.settings = std::move(parsed.settings);
  file.text = std::move(text);
  return file;
}

Result<File> read_file(const stdfs::path& folder, std::string text, const stdfs::path& root) {
  const auto name = display_name(folder, root);
  return told_of(parse_file(folder, std::move(text), name), folder / kFile, name);
}

// The folders of a workspace besides its root.
Result<std::vector<stdfs::path>> member_folders(const File& root) {
  std::vector<stdfs::path> folders;
  for (const auto& glob : root.settings.members) {
    PKG_TRY_ASSIGN(const auto found, fs::folders_of(root.folder, glob));
    for (const auto& folder : found) {
      if (fs::exists(folder / kFile)) folders.push_back(folder);
    }
    if (!fs::has_wildcard(glob) && (found.empty() || !fs::exists(found.front() / kFile))) {
      return make_error(ErrorKind::not_found,
                        cat("the workspace names the member ", quote(glob), ", and there is no pyproject.toml"))
          .with(cat("in [tool.pkg.workspace] of ", quote((root.folder / kFile).string())));
    }
  }
  for (const auto& glob : root.settings.excluded_members) {
    PKG_TRY_ASSIGN(const auto excluded, fs::folders_of(root.folder, glob));
    std::erase_if(folders, [&](const auto& folder) { return std::ranges::find(excluded, folder) != excluded.end(); });
  }
  std::erase(folders, root.folder);
  std::ranges::sort(folders);
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

// The workspace root above `folder` that has it as a member, with its other members' folders.
struct Workspace {
  File root;
  std::vector<stdfs::path> folders;
};
Result<std::optional<Workspace>> workspace_above(const stdfs::path& folder) {
  for (const auto& parent : with_parents(folder.parent_path())) {
    if (parent == folder || !has_project_file(parent)) continue;
    PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(parent / kFile, limits::kText));
    if (text.find("workspace") == std::string::npos) continue;  // a root is rarely met: parsing waits for the word
    PKG_TRY_ASSIGN(auto file, read_file(parent, std::move(text), parent));
    if (!file.settings.is_workspace) continue;
    PKG_TRY_ASSIGN(auto folders, member_folders(file));
    if (std::ranges::find(folders, folder) == folders.end()) return std::optional<Workspace>();
    return std::optional(Workspace{std::move(file), std::move(folders)});
  }
  return std::optional<Workspace>();
}

Member member_of(File file, const stdfs::path& root) {
  Member member;
  member.file_name = display_name(file.folder, root);
  member.is_package =
      file.settings.package.value_or(file.pyproject.build_system.has_value()) && file.pyproject.project.has_value();
  if (file.pyproject.project) member.name = file.pyproject.project->name;
  member.own_sources = std::move(file.settings.sources);
  member.group_pythons = std::move(file.settings.group_pythons);
  member.tasks = std::move(file.settings.tasks);
  member.folder = std::move(file.folder);
  member.text = std::move(file.text);
  member.pyproject = std::move(file.pyproject);
  return member;
}

Status check_root(const File& root) {
  const bool has_something =
      root.pyproject.project || root.settings.is_workspace || root.pyproject.root.get("dependency-groups") != nullptr;
  if (has_something) return ok_status();
  const auto has_tool = [&](std::string_view name) { return tool_entry(root.pyproject.root, name) != nullptr; };
  const bool is_foreign = has_tool("poetry") || has_tool("pdm");
  return make_error(ErrorKind::not_found, cat(quote((root.folder / kFile).string()), " has no [project] table"),
                    is_foreign ? cat("`pkg import` makes one of [tool.", has_tool("poetry") ? "poetry" : "pdm", "]")
                               : std::string("`pkg init` adds one"));
}

Status add_members(Project& project, const std::vector<stdfs::path>& folders) {
  for (const auto& folder : folders) {
    PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(folder / kFile, limits::kText));
    PKG_TRY_ASSIGN(auto file, read_file(folder, std::move(text), project.root));
    if (!file.pyproject.project) {
      return make_error(ErrorKind::bad_data, cat(quote(display_name(folder, project.root)),
                                                 " is a member of the workspace without a [project] table"));
    }
    project.members.push_back(member_of(std::move(file), project.root));
  }
  std::sort(project.members.begin() + 1, project.members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    for (std::size_t j = i + 1; j < project.members.size(); ++j) {
      if (project.members[i].name != project.members[j].name) continue;
      return make_error(ErrorKind::bad_data,
                        cat("two members of the workspace are called ", quote(project.members[i].name.str()), ": ",
                            quote(project.members[i].file_name), " and ", quote(project.members[j].file_name)));
    }
  }
  return ok_status();
}

}  // namespace

bool has_project_file(const stdfs::path& folder) {
  struct stat file {};
  struct stat place {};
  if (::lstat((folder / kFile).c_str(), &file) != 0) return false;
  if (file.st_uid == ::geteuid() || file.st_uid == 0) return true;
  return ::stat(folder.c_str(), &place) != 0 || (place.st_mode & S_IWOTH) == 0;
}

Result<Project> open_project(const stdfs::path& start) {
  std::error_code failed;
  const auto absolute = (start.is_absolute() ? start : stdfs::current_path(failed) / start).lexically_normal();
  if (failed) return make_error(ErrorKind::not_found, cat("cannot find the working folder: ", failed.message()));
  const auto folder = absolute.has_filename() ? absolute : absolute.parent_path();
  const auto candidates = with_parents(folder);
  const auto found = std::ranges::find_if(candidates, has_project_file);
  if (found == candidates.end()) return no_project(folder);
  PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(*found / kFile, limits::kText));
  PKG_TRY_ASSIGN(auto file, read_file(*found, std::move(text), *found));

  Project project;
  std::vector<stdfs::path> folders;
  if (file.settings.is_workspace) {
    PKG_TRY_ASSIGN(folders, member_folders(file));
  } else {
    PKG_TRY_ASSIGN(auto workspace, workspace_above(*found));
    if (workspace) {
      file = std::move(workspace->root);
      folders = std::move(workspace->folders);
    }
  }
  PKG_TRY(check_root(file));
  project.root = file.folder;
  project.settings = file.settings;
  project.members.push_back(member_of(std::move(file), project.root));
  PKG_TRY(add_members(project, folders));
  const auto current = std::ranges::find(project.members, *found, &Member::folder);
  project.current = static_cast<std::size_t>(current - project.members.begin());
  return project;
}

Result<Project> open_project(const stdfs::path& start, Reporter& reporter) {
  PKG_TRY_ASSIGN(auto project, open_project(start));
  for (const auto& member : project.members) {
    if (!member.pyproject.project) continue;
    for (const auto& line : member.pyproject.project->unknown_keys) reporter.warning(line);
  }
  return project;
}

stdfs::path settings_folder(const stdfs::path& folder) {
  const auto workspace = workspace_above(folder);
  if (!workspace || !*workspace) return folder;
  auto text = fs::read_file_at_most(folder / kFile, limits::kText);
  if (!text || text->find("workspace") == std::string::npos) return (*workspace)->root.folder;
  const auto file = read_file(folder, std::move(*text), folder);
  return file && file->settings.is_workspace ? folder : (*workspace)->root.folder;
}

}  // namespace pkg::ops
