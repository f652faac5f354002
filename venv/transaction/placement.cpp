#include "venv/transaction/placement.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

bool is_plain_name(std::string_view name) {
  return is_plain_relative(name) && name.find('/') == std::string_view::npos;
}

// The folder a part of a wheel goes to. Headers get a folder for each distribution.
std::string target_folder(const Boundary& boundary, PathResolver& resolver, const pep::WheelManifest& manifest,
                          const pep::ManifestDir& from) {
  std::string root = boundary.root(from.scheme);
  if (from.scheme == pep::Scheme::headers) root = join_path(root, manifest.name_as_written);
  std::string path = join_path(root, from.path);
  // Links to folders inside the environment (lib64, share) are followed, but not in site-packages.
  return boundary.in_site(path) || from.path.empty() ? path : resolver.of(path);
}

}  // namespace

std::string shown(const Boundary& boundary, std::string_view path) { return quote(boundary.relative(path)); }

void find_in_trash(std::vector<BroughtFile>& brought, const std::vector<std::string>& moved) {
  if (brought.empty()) return;
  std::unordered_map<std::string_view, std::size_t> slots;
  for (std::size_t i = 0; i < moved.size(); ++i) slots.emplace(moved[i], i);
  for (auto& file : brought) {
    for (std::string_view at = file.from; at.size() > 1; at = parent_of(at)) {
      const auto slot = slots.find(at);
      if (slot == slots.end()) continue;
      file.in_trash = cat(slot->second, std::string_view(file.from).substr(at.size()));
      break;
    }
    PKG_CHECK(!file.in_trash.empty());
  }
}

bool Placement::is_skipped(const pep::WheelManifest& manifest, const pep::ManifestDir& from,
                           const pep::ManifestFile& file) const {
  return from.path == manifest.dist_info && pep::is_written_by_installers(file.name) &&
         (from.scheme == pep::Scheme::purelib || from.scheme == pep::Scheme::platlib);
}

Error Placement::environments_own(std::string_view path) const {
  return make_error(ErrorKind::conflict,
                    cat("file ", shown(boundary_, path), " belongs to the environment itself and cannot be replaced"));
}

Status Placement::check_target(std::string_view path, std::uint32_t wheel) const {
  if (!boundary_.contains(path))
    return make_error(ErrorKind::conflict, cat("file ", quote(path), " lies outside the environment"));
  if (boundary_.is_environments_own(path) || (wheel != kNone && boundary_.is_pkgs_own(path)))
    return environments_own(path);
  return ok_status();
}

Status Placement::add_wheel(const pep::UnpackedWheel& wheel) {
  const auto& manifest = wheel.manifest;
  const auto index = static_cast<std::uint32_t>(wheels.size());
  PlacedWheel placed;
  placed.site = boundary_.root(manifest.root_is_purelib ? pep::Scheme::purelib : pep::Scheme::platlib);
  if (!is_plain_name(manifest.dist_info) || !is_plain_name(manifest.name_as_written))
    return make_error(ErrorKind::bad_data, cat("the manifest of ", quote(manifest.name.str()), " is damaged"));
  placed.dirs.reserve(manifest.dirs.size());
  for (std::uint32_t d = 0; d < manifest.dirs.size(); ++d) {
    const auto& from = manifest.dirs[d];
    if (!from.path.empty() && !is_plain_relative(from.path))
      return make_error(ErrorKind::bad_data,
                        cat("the manifest of ", quote(manifest.name.str()), " names a folder ", quote(from.path)));
    const std::uint32_t at = dir(target_folder(boundary_, resolver_, manifest, from));
    placed.dirs.push_back(at);
    if (boundary_.is_environments_own(dirs[at].path)) return environments_own(dirs[at].path);
    if (from.files.empty()) continue;
    PlacedDir& target = dirs[at];
    ++target.contributions;
    target.files.reserve(target.files.size() + from.files.size());
    const bool may_hold_own = boundary_.may_hold_own(target.path);
    for (const auto& file : from.files) {
      if (is_skipped(manifest, from, file)) continue;
      if (!is_plain_name(file.name))
        return make_error(ErrorKind::bad_data,
                          cat("the manifest of ", quote(manifest.name.str()), " names a file ", quote(file.name)));
      if (may_hold_own) PKG_TRY(check_target(join_path(target.path, file.name), index));
      if (file.python_shebang && from.scheme == pep::Scheme::scripts) continue;  // written with its shebang changed
      target.files.push_back({.name = file.name, .wheel = index, .linked = &file, .from = d, .written = kNone});
    }
  }
  placed.dist_info = dir(join_path(placed.site, manifest.dist_info));
  wheels.push_back(std::move(placed));
  return ok_status();
}

Status Placement::write(std::uint32_t at, WrittenFile file, std::uint32_t wheel) {
  PKG_TRY(check_target(path_of(at, file.name), wheel));
  const auto index = static_cast<std::uint32_t>(written.size());
  written.push_back(std::move(file));
  dirs[at].files.push_back({.name = {}, .wheel = wheel, .linked = nullptr, .from = kNone, .written = index});
  ++dirs[at].contributions;
  if (wheel != kNone && written[index].name != "RECORD") wheels[wheel].written.emplace_back(at, index);
  return ok_status();
}

void Placement::add_bytecode(std::uint32_t at, std::string name, std::string source, std::uint32_t wheel) {
  dirs[at].files.push_back({.name = {},
                            .wheel = wheel,
                            .linked = nullptr,
                            .from = kNone,
                            .written = kNone,
                            .bytecode = static_cast<std::uint32_t>(bytecode.size())});
  ++dirs[at].contributions;
  bytecode.push_back({std::move(name), std::move(source)});
}

void Placement::keep(std::uint32_t at, const std::string& source, pep::ManifestFile file, const DistTitle& owner) {
  if (kept_sources.empty() || kept_sources.back() != source || kept_owners.back() != owner) {
    kept_sources.push_back(source);
    kept_owners.push_back(owner);
  }
  kept_files_.push_back(std::move(file));
  dirs[at].files.push_back({.name = kept_files_.back().name,
                            .wheel = kNone,
                            .linked = &kept_files_.back(),
                            .from = static_cast<std::uint32_t>(kept_sources.size() - 1),
                            .written = kNone});
  ++dirs[at].contributions;
}

void Placement::bring(std::uint32_t at, BroughtFile file) {
  PlacedFile placed;
  placed.brought = static_cast<std::uint32_t>(brought.size());
  dirs[at].files.push_back(placed);
  ++dirs[at].contributions;
  brought.push_back(std::move(file));
}

std::uint32_t Placement::find(std::string_view path) const {
  const auto known = by_path_.find(std::string(path));
  return known == by_path_.end() ? kNone : known->second;
}

std::uint32_t Placement::dir(std::string_view path) {
  // Upwards to a folder that is known or is there whatever happens, then down again adding the missing ones.
  std::vector<std::string> missing;
  std::string at(path);
  std::uint32_t parent = kNone;
  while (true) {
    if (const auto known = by_path_.find(at); known != by_path_.end()) {
      parent = known->second;
      break;
    }
    missing.push_back(at);
    if (at == boundary_.prefix() || at == "/") break;
    at = parent_of(at);
  }
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    const auto index = static_cast<std::uint32_t>(dirs.size());
    PlacedDir added;
    added.path = *next;
    added.parent = parent;
    if (parent != kNone) {
      added.depth = dirs[parent].depth + 1;
      dirs[parent].children.push_back(index);
    }
    dirs.push_back(std::move(added));
    by_path_.emplace(std::move(*next), index);
    parent = index;
  }
  return parent;
}

}  // namespace pkg::venv
