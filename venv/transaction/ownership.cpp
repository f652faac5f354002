#include "venv/transaction/ownership.h"

#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

std::string sha256_in(const Placement& placement, const PlacedFile& file) {
  return file.linked != nullptr ? std::string(std::string_view(file.linked->sha256))
                                : hash::sha256(placement.written[file.written].content);
}

std::string title(std::span<const WheelToInstall> wheels, std::uint32_t wheel) {
  const auto& manifest = wheels[wheel].wheel->manifest;
  return cat(quote(manifest.name.str()), ' ', manifest.version_as_written);
}

Error clash(const Placement& placement, const std::string& one, const std::string& other, const PlacedDir& dir,
            std::string_view name) {
  return make_error(ErrorKind::conflict,
                    cat(one, " and ", other, " both install ", shown(placement.boundary(), join_path(dir.path, name)),
                        ", with different content"),
                    "only one of them can be in this environment");
}

// A file of one wheel where another has a folder.
Status check_folders(const Placement& placement, std::span<const WheelToInstall> wheels, const PlacedDir& dir,
                     const std::unordered_map<std::string_view, std::size_t>& by_name) {
  for (const auto child : dir.children) {
    const auto found = by_name.find(name_of(placement.dirs[child].path));
    if (found == by_name.end()) continue;
    const auto& file = dir.files[found->second];
    const std::string who = file.wheel == kNone ? std::string("an installed distribution") : title(wheels, file.wheel);
    return make_error(ErrorKind::conflict,
                      cat(who, " installs ", shown(placement.boundary(), placement.dirs[child].path),
                          " as a file, another distribution as a folder"));
  }
  return ok_status();
}

Status settle_dir(Placement& placement, std::span<const WheelToInstall> wheels, PlacedDir& dir, SamePath policy) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  by_name.reserve(dir.files.size());
  std::vector<PlacedFile> settled;
  settled.reserve(dir.files.size());
  for (const auto& file : dir.files) {
    const auto name = placement.name(file);
    const auto [at, is_first] = by_name.emplace(name, settled.size());
    if (is_first) {
      settled.push_back(file);
      continue;
    }
    PlacedFile& other = settled[at->second];
    if (file.is_bytecode()) continue;  // a wheel's own file goes before a compiled one
    if (other.is_bytecode()) {
      other = file;
      continue;
    }
    if (sha256_in(placement, other) == sha256_in(placement, file)) continue;
    if (policy == SamePath::refuse || other.wheel == file.wheel || other.wheel == kNone || file.wheel == kNone) {
      const auto who = [&](const PlacedFile& f) {
        return f.wheel == kNone ? std::string("an installed distribution") : title(wheels, f.wheel);
      };
      return clash(placement, who(other), who(file), dir, name);
    }
    other = file;
  }
  dir.files = std::move(settled);
  return check_folders(placement, wheels, dir, by_name);
}

}  // namespace

Status settle_between_wheels(Placement& placement, std::span<const WheelToInstall> wheels, SamePath policy) {
  for (auto& dir : placement.dirs)
    if (!dir.files.empty() && (dir.contributions > 1 || !dir.children.empty()))
      PKG_TRY(settle_dir(placement, wheels, dir, policy));
  return ok_status();
}

Status settle_with_installed(const Placement& placement, std::span<const WheelToInstall> wheels, const PlacedDir& dir,
                             const PlacedFile& file, const Claim& claim, SamePath policy) {
  if (policy == SamePath::last_wins || file.wheel == kNone || file.is_bytecode()) return ok_status();
  if (claim.algorithm == "sha256" && claim.digest == hash::to_base64url(sha256_in(placement, file))) return ok_status();
  return clash(placement, claim.dist, title(wheels, file.wheel), dir, placement.name(file));
}

}  // namespace pkg::venv
