#include "ops/migrate/import_project.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "base/toml.h"
#include "lock/foreign_lock.h"
#include "ops/edit/edited_manifest.h"
#include "ops/lock/first_lock.h"
#include "ops/lock/project_builds.h"
#include "ops/migrate/from_conda.h"
#include "ops/migrate/from_pdm.h"
#include "ops/migrate/from_pipfile.h"
#include "ops/migrate/from_poetry.h"
#include "ops/migrate/from_requirements.h"
#include "ops/migrate/from_setup.h"
#include "ops/migrate/import_text.h"
#include "ops/migrate/import_values.h"
#include "ops/migrate/setup_cfg.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kPyproject = "pyproject.toml";

enum class ToolKind { poetry, pdm, pipfile, setup_cfg, setup_py, requirements, conda };

struct Candidate {
  ToolKind kind = ToolKind::poetry;
  std::string name;  // of the file, as the user calls it
  stdfs::path path;
};

struct Scene {
  ImportPlace place;
  std::optional<std::string> old_text;  // of pyproject.toml
  toml::Value old_root;
};

// ---- what is there

Result<Scene> look_at(const ImportOptions& options, const Session& session) {
  Scene scene;
  scene.place.folder = (session.working_folder() / "").lexically_normal().parent_path();
  scene.place.default_index = options.default_index;
  const auto path = scene.place.folder / kPyproject;
  const std::string name(kPyproject);
  if (!fs::exists(path)) return scene;
  PKG_TRY_ASSIGN(scene.old_text, fs::read_file_at_most(path, limits::kText));
  PKG_TRY_ASSIGN(scene.old_root, told_of(toml::parse(*scene.old_text, name), path, name));
  return scene;
}

bool has_tool(const Scene& scene, std::string_view tool) {
  const auto* table = tool_entry(scene.old_root, tool);
  return table != nullptr && table->as_table() != nullptr;
}

// Many a setup.cfg holds settings of other tools alone.
bool names_project(const stdfs::path& path) {
  const auto text = fs::read_file_at_most(path, limits::kText);
  if (!text) return false;
  const auto cfg = SetupCfg::parse(*text, "setup.cfg");
  const auto* metadata = cfg ? cfg->section("metadata") : nullptr;
  return metadata != nullptr && metadata->get("name") != nullptr;
}

// In the order of docs/guides/import.md#which.
std::vector<Candidate> candidates(const Scene& scene) {
  std::vector<Candidate> found;
  const auto& folder = scene.place.folder;
  const auto add = [&](ToolKind kind, std::string_view name) {
    found.push_back({kind, std::string(name), folder / name});
  };
  if (has_tool(scene, "poetry")) add(ToolKind::poetry, kPyproject);
  if (has_tool(scene, "pdm")) add(ToolKind::pdm, kPyproject);
  if (fs::exists(folder / "Pipfile")) add(ToolKind::pipfile, "Pipfile");
  if (fs::exists(folder / "setup.cfg") && names_project(folder / "setup.cfg")) add(ToolKind::setup_cfg, "setup.cfg");
  if (fs::exists(folder / "setup.py")) add(ToolKind::setup_py, "setup.py");
  const auto layout = requirements_layout(folder);
  if (!layout.empty()) add(ToolKind::requirements, layout.front().path);
  for (const auto* name : {"environment.yml", "environment.yaml"})
    if (fs::exists(folder / name)) add(ToolKind::conda, name);
  return found;
}

Error nothing_there(const Scene& scene) {
  auto error =
      make_error(ErrorKind::not_found, cat("there is nothing to import in ", quote(scene.place.folder.string())),
                 "pkg import FILE names it");
  error.context.emplace_back(
      "looked for [tool.poetry] and [tool.pdm] in pyproject.toml, Pipfile, setup.cfg, setup.py, requirements files, "
      "environment.yml");
  if (has_tool(scene, "uv"))
    error.hint = "pyproject.toml is in the standard's form already; uv.lock gives preferences for the first `pkg lock`";
  return error;
}

Result<Candidate> named_candidate(const std::string& file, const Scene& scene) {
  Candidate candidate;
  candidate.name = file;
  candidate.path = (scene.place.folder / file).lexically_normal();
  const auto name = candidate.path.filename().string();
  const auto extension = candidate.path.extension();
  if (!fs::exists(candidate.path)) return make_error(ErrorKind::not_found, cat("there is no ", quote(file)));
  const bool must_be_here = name == kPyproject || name == "setup.cfg" || name == "setup.py";
  if (must_be_here && candidate.path.parent_path() != scene.place.folder)
    return make_error(ErrorKind::usage, cat(quote(file), " is of another project"),
                      cat("import it where it is: pkg import --project ", candidate.path.parent_path().string()));
  if (name == kPyproject && !has_tool(scene, "poetry") && !has_tool(scene, "pdm"))
    return make_error(ErrorKind::not_found, cat(quote(file), " has neither [tool.poetry] nor [tool.pdm]"));
  if (name == kPyproject) {
    candidate.kind = has_tool(scene, "poetry") ? ToolKind::poetry : ToolKind::pdm;
  } else if (name == "Pipfile") {
    candidate.kind = ToolKind::pipfile;
  } else if (name == "setup.cfg") {
    candidate.kind = ToolKind::setup_cfg;
  } else if (name == "setup.py") {
    candidate.kind = ToolKind::setup_py;
  } else if (extension == ".in" || extension == ".txt") {
    candidate.kind = ToolKind::requirements;
  } else if (extension == ".yml" || extension == ".yaml") {
    candidate.kind = ToolKind::conda;
  } else {
    const bool is_lock = std::ranges::find(lock::kForeignLocks, name) != lock::kForeignLocks.end();
    return make_error(ErrorKind::usage, cat(quote(file), " is of no kind that is known"),
                      is_lock ? "a lock's versions are preferred by the first `pkg lock` beside it; import what it was "
                                "made from"
                              : "pyproject.toml, Pipfile, setup.cfg, setup.py, *.in, *.txt, *.yml");
  }
  return candidate;
}

// ---- reading it

// What nobody named is read only where it really lies in the project.
Result<std::string> text_of(const Candidate& candidate, const ImportOptions& options, const Scene& scene) {
  if (options.file.empty() && !is_own_file(candidate.path, candidate.path.parent_path()))
    return make_error(ErrorKind::unsupported, cat(quote(candidate.name), " is a link that leads out of the project"),
                      cat("name it where that is meant: pkg import ", candidate.name));
  if (candidate.kind == ToolKind::poetry || candidate.kind == ToolKind::pdm) return *scene.old_text;
  return fs::read_file_at_most(candidate.path, limits::kText).with([&] {
    return cat("while reading ", quote(candidate.name));
  });
}

Result<ImportedProject> read_setup_py(const std::string& text, const ImportOptions& options, const Scene& scene,
                                      Session& session) {
  build_with_project_python({}, options.python, session);
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return import_setup_py(text, "setup.py", scene.place.folder, *builds);
}

Result<ImportedProject> read_text(const Candidate& candidate, const std::string& text, const ImportOptions& options,
                                  const Scene& scene, Session& session) {
  const auto folder = candidate.path.parent_path();
  switch (candidate.kind) {
    case ToolKind::poetry:
      return import_poetry(scene.old_root, candidate.name, scene.place);
    case ToolKind::pdm:
      return import_pdm(scene.old_root, candidate.name, scene.place);
    case ToolKind::pipfile:
      return import_pipfile(text, candidate.name, folder, scene.place);
    case ToolKind::setup_cfg:
      return import_setup_cfg(text, candidate.name, folder);
    case ToolKind::setup_py:
      return read_setup_py(text, options, scene, session);
    case ToolKind::requirements:
      return import_requirements(candidate.path, scene.place);
    case ToolKind::conda:
      break;
  }
  return import_conda(text, candidate.name, folder, scene.place);
}

std::string_view lock_name(ToolKind kind) {
  return kind == ToolKind::poetry    ? "poetry.lock"
         : kind == ToolKind::pdm     ? "pdm.lock"
         : kind == ToolKind::pipfile ? "Pipfile.lock"
                                     : "";
}

// The lock beside what is imported. One that cannot be read is a note.
void read_pins(const Candidate& candidate, ImportedProject& project) {
  const std::string name(lock_name(candidate.kind));
  const auto path = candidate.path.parent_path() / name;
  if (name.empty() || !fs::exists(path)) return;
  auto pins = read_foreign_lock(path);
  if (!pins) {
    project.note(cat("the pins of ", quote(name), " are not carried: ", pins.error().message));
    return;
  }
  if (candidate.kind == ToolKind::pipfile) name_revisions(project, pins->lock);
  constexpr std::size_t kShown = 10;
  auto& skipped = pins->skipped;
  const auto more = skipped.size() > kShown ? skipped.size() - kShown : 0;
  skipped.resize(std::min(skipped.size(), kShown));
  if (!skipped.empty())
    project.note(cat("not all of ", quote(name), " is a pin: ", join(skipped, "; "),
                     more == 0 ? std::string() : cat("; and ", more, " more")));
  project.files.push_back(name);
  project.pins = std::move(pins->lock);
  project.pins_from = name;
}

// ---- writing it

ImportReport begin_report(const Candidate& candidate, const Scene& scene, const ImportedProject& project,
                          ImportText& written) {
  ImportReport report;
  report.path = scene.place.folder / kPyproject;
  report.is_new = !scene.old_text;
  report.is_changed = scene.old_text != written.text;
  report.text = std::move(written.text);
  report.tool = project.tool;
  report.manifest = project.manifest;
  report.read = project.files;
  const bool stays = candidate.kind == ToolKind::setup_cfg || candidate.kind == ToolKind::setup_py;
  for (const auto& file : project.files)
    if (!stays && file != kPyproject) report.obsolete.push_back(file);
  report.dependencies = project.dependencies.size();
  report.extras = project.extras.size();
  report.groups = project.groups.size();
  report.indexes = project.indexes.size();
  report.sources = project.sources.size();
  report.notes = project.notes;
  report.notes.insert(report.notes.end(), written.notes.begin(), written.notes.end());
  return report;
}

std::string versions_text(const std::set<pep::Version>& versions) {
  std::vector<std::string> texts;
  for (const auto& version : versions) texts.push_back(version.to_string());
  return join(texts, ", ");
}

std::map<pep::Name, std::set<pep::Version>> versions_of(const lock::LockFile& lock) {
  std::map<pep::Name, std::set<pep::Version>> versions;
  for (const auto& package : lock.packages)
    if (package.version) versions[package.name].insert(*package.version);
  return versions;
}

std::vector<std::string> lost_pins(const ImportedProject& project, const lock::LockFile& lock) {
  std::vector<std::string> lines, needless;
  if (!project.pins) return lines;
  const auto now = versions_of(lock);
  for (const auto& [name, versions] : versions_of(*project.pins)) {
    const auto found = now.find(name);
    if (found == now.end()) {
      const bool is_there = std::ranges::find(lock.packages, name, &lock::LockedPackage::name) != lock.packages.end();
      if (!is_there) needless.push_back(name.str());
    } else if (!std::ranges::includes(found->second, versions)) {
      lines.push_back(cat(quote(name.str()), " was ", versions_text(versions), " in ", quote(project.pins_from),
                          ", and is ", versions_text(found->second), " now"));
    }
  }
  if (!needless.empty())
    lines.push_back(cat("in ", quote(project.pins_from), " and needed by nothing here: ", join(needless, ", ")));
  return lines;
}

Status lock_it(const ImportedProject& project, const FindWayToLock& way, Undo& undo, ImportReport& report) {
  PKG_TRY_ASSIGN(const auto found, way());
  auto& session = *found.session;
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(found.lock, session));
  const bool has_lock = fs::exists(subject.lock_path);
  PKG_TRY(undo.remember(subject.lock_path));
  auto& own_session = session_for(subject, session);
  if (project.pins && !has_lock) {
    const FirstPins pins{*project.pins, project.pins_from};
    PKG_TRY_ASSIGN(report.lock, lock_first(subject, found.lock, &pins, own_session));
  } else {
    PKG_TRY_ASSIGN(report.lock, lock_subject(subject, found.lock, own_session));
  }
  if (project.pins && has_lock && !report.lock->fresh)
    report.notes.push_back({cat(quote(subject.lock_path.filename().string()),
                                " is there already: its pins count, not those of ", quote(project.pins_from)),
                            {}});
  if (!report.lock->fresh) report.lost_pins = lost_pins(project, report.lock->lock);
  return ok_status();
}

}  // namespace

Result<ImportReport> import_project(const ImportOptions& options, Session& session, const FindWayToLock& way) {
  PKG_TRY_ASSIGN(const auto scene, look_at(options, session));
  auto found = candidates(scene);
  if (options.file.empty() && found.empty()) return nothing_there(scene);
  auto candidate = found.empty() ? Candidate() : found.front();
  if (!options.file.empty()) {
    PKG_TRY_ASSIGN(candidate, named_candidate(options.file, scene));
  }
  PKG_TRY_ASSIGN(const auto text, text_of(candidate, options, scene));
  PKG_TRY_ASSIGN(auto project,
                 told_of(read_text(candidate, text, options, scene, session), candidate.path, candidate.name));
  read_pins(candidate, project);
  PKG_TRY_ASSIGN(auto written,
                 import_text(project, scene.old_text, std::string(kPyproject), scene.place.folder.filename().string()));
  auto report = begin_report(candidate, scene, project, written);
  for (const auto& other : found)
    if (other.kind != candidate.kind) report.others.push_back(other.name);
  if (options.dry_run) return report;
  Undo undo;
  const auto path = scene.old_text ? without_links(report.path) : report.path;
  PKG_TRY(undo.remember(path));
  if (report.is_changed) PKG_TRY(write_edited(path, std::string(kPyproject), scene.old_text, report.text));
  if (!options.no_lock) PKG_TRY(lock_it(project, way, undo, report));
  undo.keep();
  return report;
}

}  // namespace pkg::ops
