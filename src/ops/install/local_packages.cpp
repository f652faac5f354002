#include "ops/install/local_packages.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/install/planned_change.h"
#include "pep/source_url.h"

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

const Member* member_in(const Project* project, const stdfs::path& folder) {
  if (project == nullptr) return nullptr;
  const auto found = std::ranges::find_if(project->members, [&](const Member& member) {
    return (member.folder / "").lexically_normal() == (folder / "").lexically_normal();
  });
  return found == project->members.end() ? nullptr : &*found;
}

// Built from this very place.
const venv::InstalledDist* built_from(const resolver::Pin& pin, std::span<const venv::InstalledDist> installed) {
  const auto found = std::ranges::find(installed, pin.name, &venv::InstalledDist::name);
  if (found == installed.end() || found->kind != venv::InstalledKind::dist_info || !found->has_record) return nullptr;
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
    const bool left_out = (options.no_project && &member == &project.member()) || options.without.contains(member.name);
    if (member.is_package && !left_out) found.push_back(&member);
  }
  return found;
}

std::string looks_of(const Project& project, const LocalPackageOptions& options) {
  std::string text;
  for (const auto* member : local_packages(project, options))
    append(text, member->name.str(), ' ', look_of_member(*member, !options.no_editable), '\n');
  for (const auto& folder : source_folders(project)) {
    const auto is_editable = [&](const std::vector<Source>& sources, const stdfs::path& base) {
      return std::ranges::any_of(sources, [&](const Source& source) {
        return source.editable && (base / source.path / source.subdirectory / "").lexically_normal() == folder;
      });
    };
    bool editable = false;
    for (const auto& member : project.members) {
      for (const auto& [name, sources] : member.own_sources) editable = editable || is_editable(sources, member.folder);
    }
    const auto look = look_of_tree(folder, editable && !options.no_editable);
    if (look.empty()) return "unknown";
    append(text, folder.native(), ' ', look, '\n');
  }
  return text.empty() ? text : hash::to_hex(hash::sha256(text)).substr(0, 32);
}

TreePins::TreePins(std::vector<resolver::Pin>& pins, const Project* project, const LocalPackageOptions& options) {
  std::erase_if(pins, [&](const resolver::Pin& pin) { return options.without.contains(pin.name); });
  if (project != nullptr) {
    for (const auto* member : local_packages(*project, options)) {
      std::erase_if(pins, [&](const resolver::Pin& pin) { return pin.name == member->name; });
      pins.push_back(pin_of(*member, options));
    }
  }
  for (auto& pin : pins) {
    const auto folder = folder_of(pin);
    if (!folder) continue;
    auto& editable = pin.files.front().editable;
    if (options.no_editable) editable = false;
    const auto* member = member_in(project, *folder);
    trees_.push_back(
        {&pin, member != nullptr ? look_of_member(*member, editable) : look_of_tree(*folder, editable), false});
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
  for (const auto& tree : trees_) {
    const auto& name = tree.pin->name;
    const bool asked_for = options.reinstall == venv::Reinstall::all ||
                           (options.reinstall == venv::Reinstall::listed && options.reinstall_names.contains(name));
    if (!tree.unchanged || asked_for) continue;
    const auto gone = std::ranges::find_if(plan.remove, [&](std::size_t i) { return installed[i].name == name; });
    const auto comes = std::ranges::find_if(plan.install, [&](std::size_t i) { return wanted[i].name == name; });
    if (gone == plan.remove.end() || comes == plan.install.end()) continue;
    plan.keep.push_back(*gone);
    if (wanted[*comes].requested && !venv::is_requested(installed[*gone])) plan.mark_requested.push_back(*gone);
    plan.remove.erase(gone);
    plan.install.erase(comes);
  }
}

TreeLooks TreePins::looks() const {
  TreeLooks looks;
  for (const auto& tree : trees_)
    if (!tree.look.empty()) looks[tree.pin->name] = tree.look;
  return looks;
}

}  // namespace pkg::ops
