#include "ops/install/local_packages.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/install/planned_change.h"
#include "pep/source_url.h"
#include "venv/wholeness.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

resolver::Pin pin_of(const Member& member, const LocalPackageOptions& options) {
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.project = member.name;
  file.url = url::path_to_file_url(member.folder.native());
  file.editable = !options.no_editable;
  resolver::Pin pin;
  pin.name = member.name;
  pin.direct = true;
  pin.files.push_back(std::move(file));
  return pin;
}

// The folder a pin is built from; nullopt: it comes from elsewhere.
std::optional<stdfs::path> folder_of(const resolver::Pin& pin) {
  if (!pin.direct || pin.files.empty() || pin.best_file().kind == pep::DistKind::wheel) return std::nullopt;
  const auto source = pep::SourceUrl::parse(pin.best_file().url);
  if (!source || source->kind != pep::SourceUrl::Kind::folder) return std::nullopt;
  const auto path = url::file_url_to_path(source->url);
  return path ? std::optional(stdfs::path(*path) / source->subdirectory) : std::nullopt;
}

std::string as_key(const stdfs::path& folder) { return (folder / "").lexically_normal().native(); }

std::map<std::string, const Member*> members_by_folder(const Project* project) {
  std::map<std::string, const Member*> members;
  if (project == nullptr) return members;
  for (const auto& member : project->members) members.try_emplace(as_key(member.folder), &member);
  return members;
}

// Folders that members name as editable sources.
std::set<std::string> editable_folders(const Project& project) {
  std::set<std::string> folders;
  for (const auto& member : project.members) {
    for (const auto& [name, sources] : member.own_sources) {
      for (const auto& source : sources)
        if (source.editable) folders.insert(as_key(member.folder / source.path / source.subdirectory));
    }
  }
  return folders;
}

// Built from this very place.
const venv::InstalledDist* built_from(const resolver::Pin& pin, std::span<const venv::InstalledDist> installed) {
  const auto found = std::ranges::lower_bound(installed, pin.name, {}, &venv::InstalledDist::name);
  if (found == installed.end() || found->name != pin.name || found->kind != venv::InstalledKind::dist_info ||
      venv::missing_part(*found))
    return nullptr;
  const auto next = std::next(found);
  if (next != installed.end() && next->name == pin.name) return nullptr;  // there twice: made one
  const auto from = venv::read_direct_url(*found);
  return from && from == direct_url_of(pin) ? &*found : nullptr;
}

}  // namespace

std::vector<const Member*> local_packages(const Project& project, const LocalPackageOptions& options) {
  std::vector<const Member*> found;
  if (options.no_workspace) return found;
  for (const auto& member : project.members) {
    const bool left_out = (options.no_project && &member == &project.member()) ||
                          options.without.contains(member.name) ||
                          (options.only && !options.only->contains(member.name));
    if (member.is_package && !left_out) found.push_back(&member);
  }
  return found;
}

std::string looks_of(const Project& project, const LocalPackageOptions& options) {
  std::string text;
  for (const auto* member : local_packages(project, options))
    append(text, member->name.str(), ' ', look_of_member(*member, !options.no_editable), '\n');
  const auto editable = editable_folders(project);
  for (const auto& folder : source_folders(project)) {
    const auto look = look_of_tree(folder, editable.contains(folder.native()) && !options.no_editable);
    if (look.empty()) return "unknown";
    append(text, folder.native(), ' ', look, '\n');
  }
  return text.empty() ? text : hash::to_hex(hash::sha256(text)).substr(0, 32);
}

TreePins::TreePins(std::vector<resolver::Pin>& pins, const Project* project, const LocalPackageOptions& options) {
  const auto own = project == nullptr ? std::vector<const Member*>() : local_packages(*project, options);
  auto replaced = options.without;
  for (const auto* member : own) replaced.insert(member->name);
  std::erase_if(pins, [&](const resolver::Pin& pin) { return replaced.contains(pin.name); });
  for (const auto* member : own) pins.push_back(pin_of(*member, options));
  const auto members = members_by_folder(project);
  for (auto& pin : pins) {
    const auto folder = folder_of(pin);
    if (!folder) continue;
    auto& editable = pin.files.front().editable;
    if (options.no_editable) editable = false;
    const auto member = members.find(as_key(*folder));
    trees_.push_back(
        {&pin, member != members.end() ? look_of_member(*member->second, editable) : look_of_tree(*folder, editable),
         false});
  }
}

Status TreePins::settle(const TreeLooks& remembered, std::span<const venv::InstalledDist> installed, Session& session) {
  for (auto& tree : trees_) {
    auto& pin = *tree.pin;
    const auto known = remembered.find(pin.name);
    if (!tree.look.empty() && known != remembered.end() && known->second == tree.look) {
      if (const auto* dist = built_from(pin, installed)) {
        tree.unchanged = true;
        pin.version = pin.files.front().version = dist->version;
        continue;
      }
    }
    PKG_TRY_ASSIGN(auto* builds, session.need_builds());
    const auto& file = pin.files.front();
    PKG_TRY_ASSIGN(auto source, builds->source(file.url, file.editable).with([&] {
      return cat("while looking at ", quote(pin.name.str()));
    }));
    if (source.file.project != pin.name) {
      return make_error(ErrorKind::bad_data, cat("the folder of ", quote(pin.name.str()), " is a project called ",
                                                 quote(source.file.project.str())));
    }
    source.file.editable = file.editable;
    pin.version = source.file.version;
    pin.files.front() = std::move(source.file);
  }
  return ok_status();
}

void TreePins::keep_unchanged(venv::InstallPlan& plan, std::span<const venv::WantedDist> wanted,
                              std::span<const venv::InstalledDist> installed, const venv::PlanOptions& options) const {
  std::map<pep::Name, std::size_t> going, coming;  // the first of each name
  for (const auto i : plan.remove) going.try_emplace(installed[i].name, i);
  for (const auto i : plan.install) coming.try_emplace(wanted[i].name, i);
  std::set<std::size_t> kept, left_out;
  for (const auto& tree : trees_) {
    const auto& name = tree.pin->name;
    const bool asked_for = options.reinstall == venv::Reinstall::all ||
                           (options.reinstall == venv::Reinstall::listed && options.reinstall_names.contains(name));
    if (!tree.unchanged || asked_for) continue;
    const auto gone = going.find(name);
    const auto comes = coming.find(name);
    if (gone == going.end() || comes == coming.end()) continue;
    const auto there = gone->second;
    plan.keep.push_back(there);
    if (wanted[comes->second].requested && !venv::is_requested(installed[there])) plan.mark_requested.push_back(there);
    kept.insert(there);
    left_out.insert(comes->second);
  }
  std::erase_if(plan.remove, [&](std::size_t i) { return kept.contains(i); });
  std::erase_if(plan.install, [&](std::size_t i) { return left_out.contains(i); });
}

TreeLooks TreePins::looks() const {
  TreeLooks looks;
  for (const auto& tree : trees_)
    if (!tree.look.empty()) looks[tree.pin->name] = tree.look;
  return looks;
}

}  // namespace pkg::ops
