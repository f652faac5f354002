#include "venv/transaction/comeback.h"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/beneath.h"
#include "base/dir_reader.h"
#include "base/fs.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

struct Claim {
  DistTitle who;
  RecordedHash hash;
  bool is_kept_aside = false;
};
using ClaimsByPath = std::map<std::string, std::vector<Claim>>;

bool is_placed(const Placement& placement, const std::string& path) {
  const auto dir = placement.find(parent_of(path));
  if (dir == kNone) return false;
  const auto& files = placement.dirs[dir].files;
  return std::any_of(files.begin(), files.end(),
                     [&](const PlacedFile& file) { return placement.name(file) == name_of(path); });
}

std::string reinstalling(std::string_view name) {
  return cat("`pkg install --reinstall-package ", name, ' ', name, "` brings ");
}

class ComebackPlanner {
 public:
  ComebackPlanner(Placement& placement, Ground& ground, const Overwritten& before)
      : placement_(placement), ground_(ground), boundary_(placement.boundary()), before_(before) {}

  void find_claims(ClaimsOf& kept);
  void let_go(std::span<const InstalledDist> stays);
  void bring_back();
  Comeback finish() &&;

 private:
  bool is_whole(const std::string& path, const Claim& claim);

  Placement& placement_;
  Ground& ground_;
  const Boundary& boundary_;
  const Overwritten& before_;
  ClaimsByPath claims_;
  std::map<std::string, std::set<std::string>> going_;  // by name: paths whose copies go
  std::map<DistTitle, std::uint64_t> brought_back_;
  Comeback comeback_;
};

void ComebackPlanner::find_claims(ClaimsOf& kept) {
  for (const auto& [name, paths] : before_.paths)
    for (const auto& path : paths) claims_[path];
  std::string key;
  kept.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view hash) {
    key = path;
    const auto found = claims_.find(key);
    if (found == claims_.end()) return;
    found->second.push_back(
        {{dist.name.str(), dist.version.to_string()}, RecordedHash::of(hash), before_.has(dist.name.str(), key)});
  });
}

// Copies of distributions that go, or whose RECORD does not know the path.
void ComebackPlanner::let_go(std::span<const InstalledDist> stays) {
  std::set<std::string, std::less<>> names;
  for (const auto& dist : stays) names.insert(dist.name.str());
  for (const auto& [name, paths] : before_.paths) {
    for (const auto& path : paths) {
      const auto& claims = claims_[path];
      const bool is_claimed = names.contains(name) && std::any_of(claims.begin(), claims.end(),
                                                                  [&, who = std::string_view(name)](const auto& claim) {
                                                                    return claim.who.name == who;
                                                                  });
      if (!is_claimed) going_[name].insert(path);
    }
  }
}

bool ComebackPlanner::is_whole(const std::string& path, const Claim& claim) {
  const auto folder = ground_.folder(parent_of(overwritten_copy(boundary_, claim.who.name, path)));
  return folder.ok() && holds_recorded((*folder)->get(), std::string(name_of(path)), claim.hash);
}

void ComebackPlanner::bring_back() {
  for (auto& [path, claims] : claims_) {
    const auto in_place = [](const Claim& claim) { return !claim.is_kept_aside; };
    if (claims.empty() || std::any_of(claims.begin(), claims.end(), in_place) || is_placed(placement_, path)) continue;
    if (!boundary_.contains(path) || boundary_.is_environments_own(path) || boundary_.is_pkgs_own(path)) continue;
    const auto& claim =
        *std::max_element(claims.begin(), claims.end(), [](const auto& a, const auto& b) { return a.who < b.who; });
    going_[claim.who.name].insert(path);
    if (!is_whole(path, claim)) {
      comeback_.warnings.push_back(cat(shown(boundary_, path), " of ", quote(claim.who.name),
                                       " cannot be brought back: what was kept of it was changed or is gone; ",
                                       reinstalling(claim.who.name), "it"));
      continue;
    }
    placement_.bring(placement_.dir(parent_of(path)),
                     {std::string(name_of(path)), overwritten_copy(boundary_, claim.who.name, path), {}});
    for (auto& bytecode : bytecode_of(ground_, path)) comeback_.moved.push_back(std::move(bytecode));
    ++brought_back_[claim.who];
  }
}

// Whole folders where everything in them goes.
Comeback ComebackPlanner::finish() && {
  std::vector<std::string> copies;
  bool all_go = true;
  for (const auto& [name, paths] : before_.paths) {
    const auto going = going_.find(name);
    const bool goes = going != going_.end() && going->second.size() == paths.size();
    all_go = all_go && goes;
    if (goes) {
      copies.push_back(cat(overwritten_folder(boundary_), '/', name));
    } else if (going != going_.end()) {
      for (const auto& path : going->second) copies.push_back(overwritten_copy(boundary_, name, path));
    }
  }
  if (all_go) copies.assign(1, overwritten_folder(boundary_));
  comeback_.moved.insert(comeback_.moved.end(), copies.begin(), copies.end());
  comeback_.brought_back.assign(brought_back_.begin(), brought_back_.end());
  return std::move(comeback_);
}

}  // namespace

Result<Comeback> plan_comeback(Placement& placement, Ground& ground, const Overwritten& before,
                               std::span<const InstalledDist> stays, ClaimsOf& kept) {
  ComebackPlanner planner(placement, ground, before);
  planner.find_claims(kept);
  planner.let_go(stays);
  planner.bring_back();
  return std::move(planner).finish();
}

std::vector<std::string> warnings_of_lost(const Placement& placement, Ground& ground, const Overwritten& before,
                                          std::span<const Removal::Shared> shared) {
  std::map<std::string, std::vector<std::string>> lost;  // by name: paths
  for (const auto& file : shared) {
    if (before.has(file.name, file.path) || is_placed(placement, file.path)) continue;
    const auto folder = ground.folder(parent_of(file.path));
    if (folder.ok() && !holds_recorded((*folder)->get(), std::string(name_of(file.path)), RecordedHash::of(file.hash)))
      lost[file.name].push_back(file.path);
  }
  std::vector<std::string> warnings;
  for (const auto& [name, paths] : lost)
    warnings.push_back(cat(paths.size() == 1 ? "a file of " : cat(paths.size(), " files of "), quote(name), ", ",
                           shown(placement.boundary(), paths.front()), paths.size() == 1 ? "" : " among them",
                           ", had been replaced by what is gone now; ", reinstalling(name), "its own"));
  return warnings;
}

std::vector<std::string> bytecode_of(Ground& ground, const std::string& path) {
  std::vector<std::string> found;
  if (!path.ends_with(".py")) return found;
  const std::string folder = join_path(parent_of(path), "__pycache__");
  const std::string stem = std::string(name_of(path).substr(0, name_of(path).size() - 2));  // "module."
  const auto held = ground.folder(folder);
  if (!held.ok()) return found;
  const fs::Fd fd(fs::open_beneath((*held)->get(), {}, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return found;
  fs::DirReader reader(fd.get());
  while (const auto entry = reader.next())
    if (entry->name.starts_with(stem) && entry->name.ends_with(".pyc")) found.push_back(join_path(folder, entry->name));
  return found;
}

}  // namespace pkg::venv
