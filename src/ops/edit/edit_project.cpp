#include "ops/edit/edit_project.h"

#include <algorithm>
#include <set>

#include "base/secret_url.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/edit/edit_sources.h"
#include "ops/edit/edited_manifest.h"
#include "ops/lock/project_builds.h"
#include "ops/project/members.h"
#include "pep/direct_url.h"

namespace pkg::ops {
namespace {

using Kind = EditedRequirement::Kind;
using pep::Requirement;

pep::DependencyList list_of(const EditOptions& options) {
  return options.script.empty() ? options.list : pep::DependencyList{pep::DependencyList::Kind::script, {}};
}

// ---- what add does to one list

bool has_extras(const Requirement& requirement, const std::vector<pep::Name>& extras) {
  return std::ranges::includes(requirement.extras, extras);
}

Requirement merged(const Requirement& old, const Requirement& added, bool has_new_source) {
  Requirement result = old;
  if (has_new_source) result.url.clear();
  if (!added.specifiers.empty() || !added.url.empty()) {
    result.specifiers = added.specifiers;
    result.url = added.url;
  }
  if (!added.marker.is_trivial()) result.marker = added.marker;
  if (!has_extras(old, added.extras)) {
    result.extras.insert(result.extras.end(), added.extras.begin(), added.extras.end());
    std::ranges::sort(result.extras);
    result.extras.erase(std::unique(result.extras.begin(), result.extras.end()), result.extras.end());
    result.extras_as_written.clear();
  }
  return result;
}

using Items = std::vector<std::optional<Requirement>>;

// The item that `added` changes; nullopt: it is a new one.
Result<std::optional<std::size_t>> item_to_change(const Items& items, const Requirement& added,
                                                  const std::string& list) {
  std::vector<std::size_t> same_name;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i] || items[i]->name != added.name) continue;
    if (items[i]->marker == added.marker) return std::optional(i);
    same_name.push_back(i);
  }
  if (same_name.empty() || !added.marker.is_trivial()) return std::optional<std::size_t>();
  if (same_name.size() == 1) return std::optional(same_name.front());
  return make_error(
      ErrorKind::usage,
      cat(quote(added.name.str()), " is in ", list, ' ', same_name.size(), " times, for different environments"),
      "say which with a marker, as it is written there");
}

Status refuse_itself(const EditedManifest& manifest, const pep::DependencyList& list, const Requirement& added) {
  if (!manifest.project() || manifest.project()->member().name != added.name) return ok_status();
  if (list.kind != pep::DependencyList::Kind::project && !added.extras.empty()) return ok_status();
  return make_error(ErrorKind::usage, cat(quote(added.name.str()), " is the project itself"));
}

Result<EditedRequirement> add_one(EditedManifest& manifest, const pep::DependencyList& list, const Requirement& added) {
  PKG_TRY(refuse_itself(manifest, list, added));
  PKG_TRY_ASSIGN(const auto items, manifest.listed(list));
  PKG_TRY_ASSIGN(const auto index, item_to_change(items, added, to_string(list)));
  if (!index) {
    PKG_TRY(manifest.insert(list, added));
    return EditedRequirement{Kind::added, {}, pep::written_form(added), {}};
  }
  const auto& old = *items[*index];
  const auto changed = merged(old, added, manifest.has_new_source(added.name));
  if (changed == old) return EditedRequirement{Kind::kept, pep::written_form(old), pep::written_form(old), {}};
  PKG_TRY(manifest.replace(list, *index, changed));
  return EditedRequirement{Kind::changed, pep::written_form(old), pep::written_form(changed), {}};
}

// ---- sources

Status set_revision(const AddOptions& options, const Requirement& requirement, Source& source) {
  const int given = !options.branch.empty() + !options.tag.empty() + !options.rev.empty();
  if (given == 0) return ok_status();
  if (given > 1) return make_error(ErrorKind::usage, "--branch, --tag and --rev say the same thing: give one of them");
  if (source.git.empty())
    return make_error(ErrorKind::usage, cat(quote(requirement.name.str()),
                                            " does not come from git: --branch, --tag and --rev mean nothing"));
  source.branch = options.branch;
  source.tag = options.tag;
  source.rev = options.rev;
  return ok_status();
}

// A member of the workspace is one wherever its folder is.
void prefer_workspace(const Project& project, Source& source) {
  if (source.path.empty()) return;
  const auto folder = (project.member().folder / source.path / "").lexically_normal();
  const auto is_it = [&](const Member& member) {
    return !member.name.empty() && (member.folder / "").lexically_normal() == folder;
  };
  if (std::ranges::none_of(project.members, is_it)) return;
  source = {};
  source.workspace = true;
}

// Credentials are the user's, and not for a file that others read. Texts that name variables may stay.
Result<std::string> url_to_write(const AddOptions& options) {
  const SecretUrl url(options.index_url);
  if (url.shown() == options.index_url) return options.index_url;
  if (options.index_url.find("${") != std::string::npos) return options.index_url;
  return make_error(
      ErrorKind::usage,
      cat("the address of the index ", quote(options.index_name), " has credentials (", url.shown(),
          "): they would stand in pyproject.toml"),
      "give the address without them, and the credentials with `pkg auth login`, in netrc or in variables");
}

// --workspace: what is added is a member, whose folder the root of the workspace knows.
Result<Source> member_source(const EditedManifest& manifest, const Requirement& requirement) {
  if (!manifest.project())
    return make_error(ErrorKind::usage, "a script is no member of a workspace: --workspace means nothing for it");
  if (!requirement.url.empty())
    return make_error(ErrorKind::usage, cat(quote(requirement.name.str()),
                                            " is given with a place: --workspace takes "
                                            "the names of members"));
  PKG_TRY(need_member(*manifest.project(), requirement.name.str()));
  Source source;
  source.workspace = true;
  return source;
}

// The index of --index stands in the file, where settings of the project are read.
Status write_index(EditedManifest& manifest, const AddOptions& options) {
  if (options.index_name.empty()) return ok_status();
  PKG_TRY_ASSIGN(const auto url, url_to_write(options));
  if (manifest.project() && manifest.project()->current != 0) {
    const auto& root = manifest.project()->members.front();
    return make_error(
        ErrorKind::usage, cat("the indexes of a workspace stand in its root, ", quote(root.file_name)),
        cat("write [[tool.pkg.index]] there, and the source `index = \"", options.index_name, "\"` here"));
  }
  return manifest.need_index(options.index_name, url);
}

// The URL of `requirement` becomes a source; what is written is its name. nullopt: it stays a URL.
Result<std::optional<Source>> take_source(EditedManifest& manifest, const AddOptions& options,
                                          const std::set<std::string>& editables, Requirement& requirement) {
  if (options.workspace) {
    PKG_TRY_ASSIGN(auto source, member_source(manifest, requirement));
    PKG_TRY(manifest.set_source(requirement.name, source));
    return std::optional(std::move(source));
  }
  if (requirement.url.empty() && !options.index_name.empty()) {
    Source source;
    source.index = options.index_name;
    PKG_TRY(manifest.set_source(requirement.name, source));
    return std::optional(std::move(source));
  }
  const bool wants_revision = !options.branch.empty() || !options.tag.empty() || !options.rev.empty();
  if (const auto shown = pep::strip_credentials(requirement.url); shown != requirement.url)
    return make_error(ErrorKind::usage,
                      cat("the address of ", quote(requirement.name.str()), " has credentials (", url::redact(shown),
                          "): they would stand in ", quote(manifest.path().filename().string())),
                      "give it without them, and the credentials with `pkg auth login` or in netrc");
  if (requirement.url.empty() || !manifest.project() || options.raw) {
    if (wants_revision && requirement.url.empty())
      return make_error(ErrorKind::usage, cat(quote(requirement.name.str()),
                                              " does not come from git: --branch, --tag and --rev mean nothing"));
    return std::optional<Source>();
  }
  auto source =
      source_from_url(requirement.url, editables.contains(requirement.url), manifest.project()->member().folder);
  if (!source) return source;
  PKG_TRY(set_revision(options, requirement, *source));
  prefer_workspace(*manifest.project(), *source);
  requirement.url.clear();
  PKG_TRY(manifest.set_source(requirement.name, *source));
  return source;
}

// Paths and URLs without a name are looked at to learn it.
Status name_inputs(Inputs& inputs, const AddOptions& options, const EditedManifest& manifest, Session& session) {
  if (inputs.unnamed.empty()) return ok_status();
  pep::SpecifierSet pythons;
  if (manifest.project() && manifest.project()->member().pyproject.project)
    pythons = manifest.project()->member().pyproject.project->requires_python;
  build_with_project_python(pythons, options.edit.sync.lock.python, session);
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return resolve_unnamed(inputs, *builds);
}

// --extra and --marker are of everything that is added.
Status widen(const AddOptions& options, std::vector<Requirement>& requirements) {
  if (options.extras.empty() && options.marker.empty()) return ok_status();
  pep::Marker marker;
  if (!options.marker.empty()) {
    PKG_TRY_ASSIGN(marker, pep::Marker::parse(options.marker).with("while reading --marker"));
  }
  for (auto& requirement : requirements) {
    for (const auto& text : options.extras) {
      PKG_TRY_ASSIGN(auto extra, pep::Name::parse(text).with("while reading --extra"));
      requirement.extras.push_back(std::move(extra));
      requirement.extras_as_written.clear();
    }
    std::ranges::sort(requirement.extras);
    requirement.extras.erase(std::unique(requirement.extras.begin(), requirement.extras.end()),
                             requirement.extras.end());
    requirement.marker = pep::both(requirement.marker, marker);
  }
  return ok_status();
}

// ---- bounds

bool wants_bounds(const EditedManifest& manifest, const Requirement& requirement) {
  if (!requirement.specifiers.empty() || !requirement.url.empty()) return false;
  if (manifest.has_new_place(requirement.name)) return false;
  return !manifest.project() || comes_from_index(*manifest.project(), requirement.name);
}

// The lowest of the versions that a lock has of a project: each of them must stay allowed.
std::optional<pep::Version> lowest_version(const lock::LockFile& lock, const pep::Name& name) {
  std::optional<pep::Version> lowest;
  for (const auto& package : lock.packages) {
    if (package.name == name && package.version && (!lowest || *package.version < *lowest)) lowest = package.version;
  }
  return lowest;
}

// The items of `changes` that get bounds once versions are known.
std::vector<std::size_t> without_bounds(const EditedManifest& manifest, const std::vector<EditedRequirement>& changes) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto requirement = Requirement::parse(changes[i].after);
    if (requirement && changes[i].kind != Kind::removed && wants_bounds(manifest, *requirement)) found.push_back(i);
  }
  return found;
}

Status write_bounds(EditedManifest& manifest, const pep::DependencyList& list, pep::Bounds bounds,
                    const lock::LockFile& lock, EditedRequirement& change) {
  PKG_TRY_ASSIGN(auto requirement, Requirement::parse(change.after));
  const auto version = lowest_version(lock, requirement.name);
  if (!version) return ok_status();
  PKG_TRY_ASSIGN(const auto items, manifest.listed(list));
  const auto found = std::ranges::find(items, std::optional(requirement));
  if (found == items.end()) return ok_status();
  requirement.specifiers = pep::bounds_of(*version, bounds);
  PKG_TRY(manifest.replace(list, static_cast<std::size_t>(found - items.begin()), requirement));
  change.after = pep::written_form(requirement);
  if (change.kind == Kind::kept) change.kind = Kind::changed;
  return ok_status();
}

// Requirements without versions get them from what would be locked.
Status write_all_bounds(EditedManifest& manifest, const AddOptions& options, EditReport& report, Session& session) {
  const auto unbound = without_bounds(manifest, report.changes);
  if (unbound.empty()) return ok_status();
  PKG_TRY_ASSIGN(const auto lock, trial_lock({&manifest, 1}, options.edit, session));
  for (const auto i : unbound)
    PKG_TRY(write_bounds(manifest, list_of(options.edit), options.bounds, lock, report.changes[i]));
  return ok_status();
}

Result<EditReport> finish(EditedManifest& manifest, const EditOptions& options,
                          const std::function<Status()>& last_edits, EditReport& report, Session& session) {
  report.file = manifest.path();
  report.list = to_string(list_of(options));
  report.dry_run = options.dry_run;
  PKG_TRY_ASSIGN(static_cast<EditOutcome&>(report), carry_out_edits({&manifest, 1}, options, last_edits, session));
  return std::move(report);
}

// ---- remove

// The lists of a project that have a requirement of this name.
Result<std::vector<std::string>> lists_with(const EditedManifest& manifest, const pep::Name& name) {
  std::vector<std::string> found;
  if (!manifest.project()) return found;
  const auto& pyproject = manifest.project()->member().pyproject;
  std::vector<std::pair<pep::DependencyList, std::string>> lists{
      {{pep::DependencyList::Kind::project, {}}, "without an option"}};
  if (pyproject.project) {
    for (const auto& [extra, unused] : pyproject.project->optional_dependencies)
      lists.push_back({{pep::DependencyList::Kind::extra, extra.str()}, cat("with --optional ", extra.str())});
  }
  const auto* groups = pyproject.root.get("dependency-groups");
  if (groups != nullptr && groups->as_table() != nullptr) {
    for (const auto& [group, unused] : *groups->as_table())
      lists.push_back({{pep::DependencyList::Kind::group, group}, cat("with --group ", group)});
  }
  for (const auto& [list, option] : lists) {
    PKG_TRY_ASSIGN(const auto items, manifest.listed(list));
    if (std::ranges::any_of(items, [&](const auto& item) { return item && item->name == name; }))
      found.push_back(option);
  }
  return found;
}

Status remove_one(EditedManifest& manifest, const pep::DependencyList& list, const pep::Name& name,
                  std::vector<EditedRequirement>& changes) {
  PKG_TRY_ASSIGN(const auto items, manifest.listed(list));
  bool found = false;
  for (std::size_t i = items.size(); i > 0; --i) {
    if (!items[i - 1] || items[i - 1]->name != name) continue;
    PKG_TRY(manifest.erase(list, i - 1));
    changes.push_back({Kind::removed, pep::written_form(*items[i - 1]), {}, {}});
    found = true;
  }
  if (found) return ok_status();
  PKG_TRY_ASSIGN(const auto elsewhere, lists_with(manifest, name));
  return make_error(ErrorKind::not_found,
                    cat(quote(name.str()), " is not in ", to_string(list), " of ", quote(manifest.display_name())),
                    elsewhere.empty() ? "" : cat("it is removed ", join(elsewhere, ", or ")));
}

}  // namespace

Result<EditReport> add_requirements(const AddOptions& options, Session& given) {
  const auto list = list_of(options.edit);
  PKG_TRY_ASSIGN(auto manifest, EditedManifest::open(options.edit.script, options.edit.package, given));
  PKG_TRY_ASSIGN(auto inputs, read_inputs(options.inputs, given));
  auto& session = given.with(inputs.settings.value_or(given.settings()), given.build_options());
  PKG_TRY(name_inputs(inputs, options, manifest, session));
  if (inputs.requirements.empty()) return make_error(ErrorKind::usage, "no requirement was named", "pkg add NAME");
  PKG_TRY(widen(options, inputs.requirements));
  PKG_TRY(write_index(manifest, options));
  EditReport report;
  for (auto& requirement : inputs.requirements) {
    PKG_TRY_ASSIGN(const auto source, take_source(manifest, options, inputs.editable_urls, requirement));
    PKG_TRY_ASSIGN(auto change, add_one(manifest, list, requirement));
    if (source) {
      change.source = source_table(*source);
      if (change.kind == Kind::kept) change.kind = Kind::changed;
    }
    report.changes.push_back(std::move(change));
  }
  auto asked = options;
  auto& edit = asked.edit;
  auto& selection = edit.sync.selection;
  if (list.kind == pep::DependencyList::Kind::extra) selection.extras.push_back(list.name);
  if (list.kind == pep::DependencyList::Kind::group) selection.groups.push_back(list.name);
  const auto bounds = [&] { return write_all_bounds(manifest, asked, report, session); };
  return finish(manifest, edit, bounds, report, session);
}

Result<EditReport> remove_requirements(const RemoveOptions& options, Session& session) {
  const auto list = list_of(options.edit);
  PKG_TRY_ASSIGN(auto manifest, EditedManifest::open(options.edit.script, options.edit.package, session));
  EditReport report;
  for (const auto& text : options.names) {
    PKG_TRY_ASSIGN(const auto name, pep::Name::parse(text));
    PKG_TRY(remove_one(manifest, list, name, report.changes));
    PKG_TRY_ASSIGN(const auto elsewhere, lists_with(manifest, name));
    if (elsewhere.empty() && manifest.project()) PKG_TRY(manifest.drop_source(name));
  }
  return finish(manifest, options.edit, {}, report, session);
}

}  // namespace pkg::ops
