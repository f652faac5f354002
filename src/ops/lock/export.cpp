#include "ops/lock/export.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "lock/cut.h"
#include "lock/one_target.h"
#include "lock/partial_marker.h"
#include "lock/pylock.h"
#include "lock/requirements_export.h"
#include "lock/sbom.h"
#include "lock/selection.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/target.h"
#include "ops/lock/member_part.h"

namespace pkg::ops {
namespace {

using Askers = std::map<pep::Name, std::vector<std::string>>;

bool has_target(const ExportOptions& options) {
  return !options.python.empty() || !options.python_version.empty() || !options.python_platform.empty();
}

bool selects(const ExportOptions& options) {
  const auto& selection = options.selection;
  return selection.all_extras || selection.all_groups || selection.no_default_groups || !selection.extras.empty() ||
         !selection.groups.empty() || !selection.excluded_groups.empty() || !selection.only_groups.empty() ||
         !options.prune.empty() || !options.leave_out.empty() || options.no_local || !options.members.packages.empty();
}

// Names of packages, as options give them. bad_data: one is none.
Result<std::vector<pep::Name>> names_of(const std::vector<std::string>& texts, const lock::LockFile& lock,
                                        std::vector<std::string>& warnings) {
  std::vector<pep::Name> names;
  for (const auto& text : texts) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    if (std::ranges::find(lock.packages, name, &lock::LockedPackage::name) == lock.packages.end())
      warnings.push_back(cat(quote(name.str()), " is not in the lock: there is nothing to leave out"));
    names.push_back(std::move(name));
  }
  return names;
}

bool is_of_this_machine(const lock::LockedPackage& package) {
  if (package.directory) return true;
  if (package.archive) return package.archive->file.url.empty() || package.archive->file.url.starts_with("file:");
  return package.vcs && package.vcs->url.empty();
}

// Takes out of the lock what is asked for by name or kind, and what nothing needs then.
Status take_out(const ExportOptions& options, const std::optional<MemberNeeds>& needs, lock::LockFile& lock,
                std::vector<std::string>& warnings) {
  PKG_TRY_ASSIGN(const auto left_out, names_of(options.leave_out, lock, warnings));
  lock::Cut cut;
  cut.only_groups = !options.selection.only_groups.empty();
  if (needs) cut.roots = needs->requirements;
  PKG_TRY_ASSIGN(cut.pruned, names_of(options.prune, lock, warnings));
  if (cut.is_set()) {
    PKG_TRY_ASSIGN(const auto selected, select_options(options.selection, lock));
    PKG_TRY_ASSIGN(const auto parts, lock::installable_parts(lock, selected.extras, selected.groups));
    PKG_TRY_ASSIGN(lock, lock::cut_lock(lock, parts, cut));
  }
  std::erase_if(lock.packages, [&](const lock::LockedPackage& package) {
    return std::ranges::find(left_out, package.name) != left_out.end() ||
           (options.no_local && is_of_this_machine(package));
  });
  return ok_status();
}

// Packages that are the project's own folders: nobody can install them from an export.
std::vector<pep::Name> local_packages(const lock::LockFile& lock, const LockSource& source) {
  std::vector<pep::Name> names;
  auto place = place_of(source);
  if (place.projects.empty()) place.projects.push_back(place.folder);
  for (const auto& package : lock.packages) {
    if (package.directory && is_own_folder(package.directory->path, place)) names.push_back(package.name);
  }
  if (source.subject) {
    for (const auto& member : source.subject->project.members) {
      if (!member.name.empty() && std::ranges::find(names, member.name) == names.end()) names.push_back(member.name);
    }
  }
  return names;
}

// Of the one member that was named, else of the one that the command was called in.
const Member* titular_member(const ExportOptions& options, const LockSource& source) {
  const auto* project = source.project();
  if (project == nullptr) return nullptr;
  const auto& names = options.members.packages;
  const auto named = std::ranges::find_if(project->members, [&](const Member& member) {
    return names.size() == 1 && pep::normalize_name(names.front()) == member.name.str();
  });
  return named == project->members.end() ? &project->member() : &*named;
}

std::string project_name(const ExportOptions& options, const LockSource& source) {
  const auto* member = titular_member(options, source);
  return member != nullptr ? member->name.str() : std::string();
}

// Which members ask for what with the chosen parts; a table without a project (of a workspace's root) is its file.
Result<Askers> askers_of(const ExportOptions& options, const lock::LockFile& lock, const LockSource& source,
                         const std::optional<MemberNeeds>& needs) {
  Askers askers;
  if (source.project() == nullptr || options.format != ExportFormat::requirements) return askers;
  const auto asked = requirements_of(*source.project());
  if (!asked) return askers;  // a frozen lock stands for itself
  PKG_TRY_ASSIGN(const auto selected, select_options(options.selection, lock));
  PKG_TRY_ASSIGN(const auto parts, lock::installable_parts(lock, selected.extras, selected.groups));
  for (const auto& requirement : asked->requirements) {
    if (!lock::decide_parts(requirement.marker, parts)) continue;
    const auto& members = source.project()->members;
    const auto writer = std::ranges::find(members, requirement.origin.file, &Member::file_name);
    if (writer == members.end()) continue;
    const auto at = static_cast<std::size_t>(writer - members.begin());
    if (needs && std::ranges::find(needs->members, at, &MemberNeeds::Needed::member) == needs->members.end()) continue;
    const auto title = writer->name.empty() ? cat("-r ", writer->file_name) : writer->name.str();
    auto& known = askers[requirement.name];
    if (std::ranges::find(known, title) == known.end()) known.push_back(title);
  }
  return askers;
}

std::string project_version(const ExportOptions& options, const LockSource& source) {
  if (!source.subject) return {};
  const auto& table = titular_member(options, source)->pyproject.project;
  return table ? table->version : std::string();
}

// Nothing: all members are meant. A whole lock in another form is of the workspace, wherever it is asked for.
Result<std::optional<MemberNeeds>> member_needs(const ExportOptions& options, const LockSource& source,
                                                bool universal_whole, const lock::LockFile& lock) {
  PKG_TRY_ASSIGN(const auto chosen, chosen_members(options, source));
  const bool says_nothing = lock.tool.version == 0 && !options.members.is_set();  // another tool's
  if (!chosen || universal_whole || says_nothing) return std::optional<MemberNeeds>();
  PKG_TRY_ASSIGN(auto needs, needs_in(*source.project(), *chosen, options.selection, lock));
  return std::optional(std::move(needs));
}

// As the lock names it.
std::string main_index(const index::Settings& settings) {
  const auto main = std::ranges::find(settings.indexes, false, &index::IndexLocation::is_explicit);
  return settings.no_index || main == settings.indexes.end() ? std::string() : index::root_of(*main);
}

Result<std::string> requirements_of_lock(const ExportOptions& options, const lock::LockFile& lock,
                                         const LockSource& source, Askers askers, const index::Settings& settings) {
  PKG_TRY_ASSIGN(auto selected, select_options(options.selection, lock));
  lock::LockExportChoice choice;
  choice.extras = std::move(selected.extras);
  choice.groups = std::move(selected.groups);
  choice.leave_out = local_packages(lock, source);
  choice.project = project_name(options, source);
  if (options.indexes) choice.first_index = main_index(settings);
  choice.askers = std::move(askers);
  lock::RequirementsExportOptions format;
  format.hashes = options.hashes;
  format.annotate = options.annotate;
  format.header = options.header;
  return lock::requirements_text(lock, choice, format);
}

Result<std::string> text_of(const ExportOptions& options, const lock::LockFile& lock, const LockSource& source,
                            Askers askers, const index::Settings& settings) {
  switch (options.format) {
    case ExportFormat::requirements:
      return requirements_of_lock(options, lock, source, std::move(askers), settings);
    case ExportFormat::pylock:
      return lock::write_pylock(lock);
    case ExportFormat::cyclonedx:
      break;
  }
  lock::SbomOptions sbom;
  sbom.project = project_name(options, source);
  sbom.project_version = project_version(options, source);
  sbom.tool_version = options.tool_version;
  return lock::cyclonedx_json(lock, sbom);
}

}  // namespace

Result<ExportReport> export_lock(const ExportOptions& options, Session& given) {
  const bool one_target = has_target(options);
  const bool universal_whole = !one_target && options.format != ExportFormat::requirements;
  if (universal_whole && selects(options))
    return make_error(ErrorKind::unsupported,
                      "extras, groups and packages are chosen in an export for one target, or of requirements",
                      "name the target with --python, --python-version or --python-platform");
  PKG_TRY_ASSIGN(const auto source, find_lock(options, given));
  auto& session = session_for(source, given);
  PKG_TRY_ASSIGN(auto opened, open_lock(options, source, session));
  ExportReport report;
  PKG_TRY_ASSIGN(const auto needs, member_needs(options, source, universal_whole, opened.lock));
  PKG_TRY(take_out(options, needs, opened.lock, report.warnings));
  PKG_TRY_ASSIGN(auto askers, askers_of(options, opened.lock, source, needs));
  if (one_target) {
    const auto python = options.python.empty() ? python_of_project(project_home(session), session) : options.python;
    PKG_TRY_ASSIGN(const auto target, target_for(python, options.python_version, session, options.python_platform));
    PKG_TRY_ASSIGN(const auto selected, select_options(options.selection, opened.lock));
    PKG_TRY_ASSIGN(opened.lock, lock::for_one_target(opened.lock, target, selected));
  }
  report.packages = opened.lock.packages.size();
  auto of_target = options;
  if (one_target) of_target.selection = {};
  PKG_TRY_ASSIGN(report.text, text_of(of_target, opened.lock, source, std::move(askers), session.settings()));
  report.lock = std::move(opened.report);
  return report;
}

}  // namespace pkg::ops
