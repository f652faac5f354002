#include "ops/edit/init_project.h"

#include <algorithm>

#include "base/folder_glob.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"
#include "base/toml.h"
#include "index/vcs/tool.h"
#include "ops/edit/edited_manifest.h"
#include "ops/edit/init_files.h"
#include "ops/edit/init_script.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/project/members.h"
#include "pep/name.h"
#include "pep/toml_value_edit.h"
#include "pep/version.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

Result<std::string> name_of(const InitOptions& options, const stdfs::path& folder) {
  auto name = options.name;
  if (name.empty()) {
    name = folder.filename().string();
    std::ranges::replace(name, ' ', '-');
  }
  if (!pep::is_valid_name(name)) {
    return make_error(ErrorKind::usage, cat(quote(name), " is no name for a project"),
                      "give one with --name: letters, digits, and `-`, `_`, `.` inside");
  }
  return name;
}

// "3.12" needs no interpreter; everything else asks one.
Result<std::string> first_requires_python(const InitOptions& options, Session& session) {
  const auto version = pep::Version::try_parse(options.python);
  if (version && version->release_size() >= 2) return cat(">=", options.python);
  PKG_TRY_ASSIGN(const auto interpreter, venv::find_interpreter(options.python, session.cache_dir(), no_leave()));
  return cat(">=", interpreter.target.environment.python_version);
}

// Files of others stay as they are.
Status write_new(const stdfs::path& relative, std::string_view content, InitReport& report) {
  const auto path = report.folder / relative;
  if (fs::exists(path)) {
    report.kept.push_back(relative.string());
    return ok_status();
  }
  PKG_TRY(fs::make_dirs(path.parent_path()));
  PKG_TRY(fs::publish(path, content));
  report.written.push_back(relative.string());
  return ok_status();
}

Status write_sources(const InitOptions& options, InitReport& report) {
  if (!is_packaged(options)) return write_new("main.py", main_text(report.name), report);
  const auto folder = stdfs::path("src") / module_of(report.name);
  PKG_TRY(write_new(folder / "__init__.py", module_text(options, report.name), report));
  return options.library ? write_new(folder / "py.typed", "", report) : ok_status();
}

// What a pyproject.toml holds that has other tables alone: [project] is added in front of them. nullopt: there is no
// such file. conflict: it has one of the tables that are to be written.
Result<std::optional<std::string>> text_without_project(const stdfs::path& path) {
  if (!fs::exists(path)) return std::optional<std::string>();
  PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(path, limits::kText));
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, path.string()));
  for (const std::string_view table : {"project", "build-system"}) {
    if (const auto* found = root.get(table))
      return make_error(ErrorKind::conflict,
                        cat(quote(path.string()), " is there already, with [", table, "] in line ", found->line),
                        table == "project" ? "add to it with `pkg add`" : "write the [project] table by hand");
  }
  const bool has_top_keys = std::ranges::any_of(
      *root.as_table(), [](const toml::TableEntry& entry) { return entry.second.as_table() == nullptr; });
  if (has_top_keys)
    return make_error(ErrorKind::conflict, cat(quote(path.string()), " has keys outside of any table"),
                      "write the [project] table by hand");
  return std::optional(std::move(text));
}

Status check_kind(const InitOptions& options) {
  if (!options.script) return ok_status();
  if (options.library || options.package || !options.build_backend.empty() || !options.name.empty())
    return make_error(ErrorKind::usage,
                      "--script begins one file: --lib, --package, --build-backend and --name are of projects");
  return ok_status();
}

// "3.12" of ">=3.12"; empty: the Pythons are not said so.
std::string python_to_pin(const InitReport& report) {
  const auto& text = report.requires_python;
  if (!text.starts_with(">=")) return {};
  const auto version = pep::Version::try_parse(std::string_view(text).substr(2));
  return version ? version->to_string() : std::string();
}

// ---- the workspace around

Result<std::optional<SurroundingWorkspace>> workspace_of(const InitOptions& options, const InitReport& report) {
  if (options.no_workspace) return std::optional<SurroundingWorkspace>();
  PKG_TRY_ASSIGN(auto around, workspace_around(report.folder));
  if (!around || around->is_excluded) return std::optional<SurroundingWorkspace>();
  const auto name = pep::Name::parse(report.name);
  for (const auto& member : around->project.members) {
    if (!name || member.name != *name || member.folder == report.folder) continue;
    return make_error(ErrorKind::conflict,
                      cat("the workspace ", quote(around->project.root.string()), " has a member called ",
                          quote(report.name), " already: ", quote(member.file_name)),
                      "give another name with --name, or leave the workspace aside with --no-workspace");
  }
  if (!around->is_listed && fs::has_wildcard(around->member))
    return make_error(ErrorKind::usage,
                      cat("the folder ", quote(around->member),
                          " cannot be named in a workspace's list of members, "
                          "where `*`, `?` and `[` stand for others"),
                      "choose another one, or leave the workspace aside with --no-workspace");
  return around;
}

// The Pythons of the workspace are those of a new member, too.
std::string first_requires_python(const SurroundingWorkspace& around) {
  for (const auto& member : around.project.members) {
    const auto& project = member.pyproject.project;
    if (project && project->has_requires_python) return project->requires_python.to_string();
  }
  return {};
}

// The root's pyproject.toml with the new member in its list; nullopt: a glob has it already.
Result<std::optional<std::string>> joined_text(const SurroundingWorkspace& around) {
  if (around.is_listed) return std::optional<std::string>();
  const auto& root = around.project.members.front();
  PKG_TRY_ASSIGN(const auto written, toml::parse(root.text, root.file_name));
  const auto* tools = written.get("tool");
  const auto* own = tools == nullptr ? nullptr : tools->get("pkg");
  const bool is_own = own != nullptr && own->get("workspace") != nullptr;
  const pep::KeyPath path{"tool", is_own ? "pkg" : "uv", "workspace", "members"};
  PKG_TRY_ASSIGN(auto text, pep::with_string_item(root.text, path, around.member, root.file_name));
  return std::optional(std::move(text));
}

// Last of all: a root that names a folder without a pyproject.toml is refused by every verb.
Status join_workspace(const SurroundingWorkspace& around, const std::optional<std::string>& text, InitReport& report) {
  report.workspace = around.project.root;
  report.joined = text.has_value();
  if (!text) return ok_status();
  const auto& root = around.project.members.front();
  return write_edited(without_links(root.folder / "pyproject.toml"), root.file_name, root.text, *text);
}

// ---- version control

bool is_in_repository(const stdfs::path& folder) {
  for (auto at = folder;; at = at.parent_path()) {
    for (const auto* name : {".git", ".hg", ".svn", ".bzr"})
      if (fs::exists(at / name)) return true;
    if (at == at.parent_path()) return false;
  }
}

Status check_git(const InitOptions& options, const InitReport& report) {
  if (options.vcs != InitVcs::git || is_in_repository(report.folder) || process::find_program("git"))
    return ok_status();
  return make_error(ErrorKind::not_found, "the program `git` is not installed", "leave out --vcs, or say `--vcs none`");
}

// Git is asked for nothing but an empty repository; the user's own settings of it count (templates, the first branch).
Status make_repository(InitVcs vcs, InitReport& report, const Session& session) {
  if (vcs == InitVcs::none || is_in_repository(report.folder)) return ok_status();
  if (!process::find_program("git")) return ok_status();
  index::vcs::ToolCall call;
  call.tool = call.debian_package = "git";
  call.arguments = {"init", "--quiet", "--", report.folder.string()};
  call.environment = index::vcs::vcs_environment();
  call.directory = "/";
  call.doing = cat("making a repository in ", quote(report.folder.string()));
  PKG_TRY_ASSIGN(const auto done, index::vcs::run_tool(call, session.cancel()));
  report.repository = done.exit_code == 0 && !done.timed_out;
  if (report.repository) return ok_status();
  auto failure = index::vcs::tool_failed(call, done);
  if (vcs == InitVcs::git) return failure;
  session.reporter().warning(cat("there is no repository: ", failure.message));
  return ok_status();
}

// What belongs to a whole repository or workspace, and not to a part of it.
Status write_surroundings(const InitOptions& options, bool is_whole, InitReport& report, const Session& session) {
  if (options.pin_python.value_or(is_whole)) {
    const auto python = python_to_pin(report);
    if (!python.empty()) PKG_TRY(write_new(".python-version", cat(python, "\n"), report));
  }
  const auto vcs = options.vcs.value_or(is_whole ? InitVcs::if_possible : InitVcs::none);
  if (vcs == InitVcs::none) return ok_status();
  PKG_TRY(write_new(".gitignore", gitignore_text(), report));
  return make_repository(vcs, report, session);
}

Status write_manifest(const std::string& text, const std::optional<std::string>& present, InitReport& report) {
  if (!present) return write_new("pyproject.toml", text, report);
  PKG_TRY(fs::publish(report.folder / "pyproject.toml", cat(text, "\n", *present)));
  report.written.push_back("pyproject.toml");
  return ok_status();
}

}  // namespace

Result<InitReport> init_project(const InitOptions& options, Session& session) {
  PKG_TRY(check_kind(options));
  if (options.script) {
    PKG_TRY_ASSIGN(const auto python, first_requires_python(options, session));
    return init_script(options, python, session);
  }
  InitReport report;
  const auto folder = (session.working_folder() / options.folder / "").lexically_normal();
  report.folder = folder.parent_path();
  PKG_TRY_ASSIGN(const auto present, text_without_project(report.folder / "pyproject.toml"));
  PKG_TRY_ASSIGN(report.name, name_of(options, report.folder));
  PKG_TRY_ASSIGN(const auto* backend, init_backend(options));
  PKG_TRY_ASSIGN(const auto around, workspace_of(options, report));
  std::optional<std::string> joined;
  if (around) {
    PKG_TRY_ASSIGN(joined, joined_text(*around));
  }
  if (around && options.python.empty()) report.requires_python = first_requires_python(*around);
  if (report.requires_python.empty()) {
    PKG_TRY_ASSIGN(report.requires_python, first_requires_python(options, session));
  }
  PKG_TRY(check_git(options, report));
  PKG_TRY(fs::make_dirs(report.folder));
  const bool only_manifest = options.bare || present;
  if (!only_manifest) PKG_TRY(write_sources(options, report));
  if (!only_manifest && !options.no_readme) PKG_TRY(write_new("README.md", cat("# ", report.name, "\n"), report));
  PKG_TRY(write_surroundings(options, !only_manifest && !around, report, session));
  const bool has_readme = fs::exists(report.folder / "README.md");
  PKG_TRY(write_manifest(pyproject_text(options, report, backend, has_readme), present, report));
  if (around) PKG_TRY(join_workspace(*around, joined, report));
  std::ranges::sort(report.written);
  std::ranges::sort(report.kept);
  return report;
}

}  // namespace pkg::ops
