#include "ops/project/members.h"

#include <algorithm>
#include <vector>

#include "base/folder_glob.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/project/foreign_tables.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// "packages/*" against "packages/api", part by part, `**` for any number of them: whether folders_of() would find the
// folder once it is there. `reached[p]`: the parts before `p` are what the glob so far names.
bool has_folder(const std::vector<std::string_view>& glob, const std::vector<std::string_view>& parts) {
  std::vector<bool> reached(parts.size() + 1, false);
  reached[0] = true;
  for (const auto part : glob) {
    std::vector<bool> next(parts.size() + 1, false);
    for (std::size_t p = 0; p <= parts.size(); ++p) {
      const bool is_hidden = p > 0 && parts[p - 1].starts_with('.');
      if (part == "**")
        next[p] = reached[p] || (p > 0 && next[p - 1] && !is_hidden);
      else if (p > 0 && reached[p - 1])
        next[p] = fs::has_wildcard(part) ? !is_hidden && fs::matches_part(part, parts[p - 1]) : part == parts[p - 1];
    }
    reached = std::move(next);
  }
  return reached.back();
}

bool is_among(const std::vector<std::string>& globs, const std::string& member) {
  const auto parts = split(member, '/');
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    const auto normal = stdfs::path(glob).lexically_normal().generic_string();
    std::string_view text = normal;
    while (text.ends_with('/')) text.remove_suffix(1);
    return !text.empty() && has_folder(split(text, '/'), parts);
  });
}

stdfs::path plain(const stdfs::path& folder) {
  const auto normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

Result<std::size_t> need_member(const Project& project, std::string_view text) {
  PKG_TRY_ASSIGN(const auto name, pep::Name::parse(text));
  const auto found = std::ranges::find(project.members, name, &Member::name);
  if (found != project.members.end()) return static_cast<std::size_t>(found - project.members.begin());
  std::vector<std::string> names;
  for (const auto& member : project.members)
    if (!member.name.empty()) names.push_back(member.name.str());
  const auto near = nearest(name.str(), names);
  constexpr std::size_t kShown = 10;
  const auto more = names.size() > kShown ? cat(" and ", names.size() - kShown, " more") : std::string();
  if (names.size() > kShown) names.resize(kShown);
  return make_error(ErrorKind::not_found,
                    cat(quote(name.str()), " is no member of the workspace ", quote(project.root.string())),
                    near ? cat("did you mean ", quote(*near), '?') : cat("its members: ", join(names, ", "), more));
}

bool is_in_project(const stdfs::path& folder) {
  for (auto at = plain(folder);; at = at.parent_path()) {
    if (has_project_file(at)) return true;
    if (at == at.parent_path()) return false;
  }
}

Result<std::optional<SurroundingWorkspace>> workspace_around(const stdfs::path& given) {
  const auto folder = plain(given);
  for (auto parent = folder.parent_path(); parent != parent.parent_path(); parent = parent.parent_path()) {
    if (!has_project_file(parent)) continue;
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(parent / "pyproject.toml", limits::kText));
    if (text.find("workspace") == std::string::npos) continue;  // as in open_project: a root is rarely met
    PKG_TRY_ASSIGN(const auto file, parse_project_file(text, (parent / "pyproject.toml").string()));
    if (!file.settings.is_workspace) continue;
    PKG_TRY_ASSIGN(auto project, open_project(parent));
    SurroundingWorkspace workspace;
    workspace.member = folder.lexically_relative(project.root).generic_string();
    workspace.is_listed = is_among(project.settings.members, workspace.member);
    workspace.is_excluded = is_among(project.settings.excluded_members, workspace.member);
    workspace.project = std::move(project);
    return std::optional(std::move(workspace));
  }
  return std::optional<SurroundingWorkspace>();
}

}  // namespace pkg::ops
