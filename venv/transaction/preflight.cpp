#include "venv/transaction/preflight.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "venv/transaction/comeback.h"

namespace pkg::venv {
namespace {

enum class Found : std::uint8_t { nothing, file, folder, link };

Result<Found> look_in(int folder, const std::string& name, const std::string& path) {
  struct stat info;
  if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return Found::nothing;
    return fs::errno_error("cannot look at", path, errno);
  }
  if (S_ISDIR(info.st_mode)) return Found::folder;
  return S_ISLNK(info.st_mode) ? Found::link : Found::file;
}

// A distribution that stays and has a file at that path too.
struct Claimant {
  DistTitle who;
  RecordedHash hash;
  Standing standing = Standing::in_place;
};

// A file of the placement where something is already.
struct Occupied {
  std::uint32_t dir;
  std::uint32_t file;
  std::vector<Claimant> claims;
  bool stands_back = false;  // what lies there stays
};

class Preflight {
 public:
  Preflight(Placement& placement, Ground& ground, Removal& removal, Contests& contests)
      : placement_(placement), ground_(ground), moved_(removal.moved_set), contests_(contests) {
    done_.journal.moved = removal.moved;
  }

  Status look();
  Status settle(ClaimsOf& kept);
  Status bring_back(std::span<const InstalledDist> stays, ClaimsOf& kept);
  Preflighted finish() &&;

 private:
  Status look_at_folder(PlacedDir& dir);
  Result<Found> look_at(const std::string& path);
  Status look_at_files(std::uint32_t index);
  Status settle_one(const std::string& path, Occupied& at);
  Status take_over(const std::string& path, const Occupied& at, std::span<const Claimant*> losers);
  void drop_those_who_stand_back();
  void move(const std::string& path) {
    if (moved_.insert(path).second) done_.journal.moved.push_back(path);
  }
  std::string path_of(const PlacedDir& dir, const PlacedFile& file) const {
    return join_path(dir.path, placement_.name(file));
  }
  Error in_the_way(const std::string& path, const char* what) const {
    return make_error(ErrorKind::conflict, cat(shown(placement_.boundary(), path), " is in the way: it is ", what));
  }

  Placement& placement_;
  Ground& ground_;
  std::unordered_set<std::string>& moved_;
  Contests& contests_;
  Preflighted done_;
  std::vector<std::size_t> looked_;  // by folder: so many of its files
  std::map<std::string, Occupied> occupied_;
};

// What was not looked at yet.
Status Preflight::look() {
  for (std::uint32_t i = 0; i < placement_.dirs.size(); ++i) {  // parents come before their children
    PlacedDir& dir = placement_.dirs[i];
    if (dir.in_link) continue;
    if (i >= looked_.size()) {
      looked_.resize(i + 1, 0);
      PKG_TRY(look_at_folder(dir));
    }
    if (!dir.is_link && !dir.is_new && looked_[i] < dir.files.size()) PKG_TRY(look_at_files(i));
  }
  return ok_status();
}

Status Preflight::look_at_folder(PlacedDir& dir) {
  if (dir.parent == kNone) return ok_status();
  if (placement_.dirs[dir.parent].is_new) {
    dir.is_new = true;
    return ok_status();
  }
  if (!moved_.contains(dir.path)) {
    const auto folder = ground_.folder(dir.path);
    if (folder.ok()) return ok_status();
    if (folder.error().kind != ErrorKind::unsupported && folder.error().kind != ErrorKind::not_found)
      return folder.error();
    PKG_TRY_ASSIGN(const Found found,
                   folder.error().kind == ErrorKind::not_found ? Result<Found>(Found::nothing) : look_at(dir.path));
    if (found == Found::link) return in_the_way(dir.path, "a link, and links to folders are not followed");
    if (found == Found::file) return in_the_way(dir.path, "not a folder");
  }
  dir.is_new = true;
  done_.journal.created.push_back(dir.path);
  return ok_status();
}

Result<Found> Preflight::look_at(const std::string& path) {
  PKG_TRY_ASSIGN(const auto spot, ground_.spot(path));
  return look_in(spot.at(), spot.name, path);
}

Status Preflight::look_at_files(std::uint32_t index) {
  const PlacedDir& dir = placement_.dirs[index];
  PKG_TRY_ASSIGN(const auto folder, ground_.folder(dir.path));
  for (auto f = static_cast<std::uint32_t>(looked_[index]); f < dir.files.size(); ++f) {
    std::string path = path_of(dir, dir.files[f]);
    if (!moved_.contains(path)) {
      PKG_TRY_ASSIGN(const Found found, look_in(folder->get(), std::string(placement_.name(dir.files[f])), path));
      if (found == Found::folder) return in_the_way(path, "a folder");
      if (found != Found::nothing) {
        occupied_.emplace(std::move(path), Occupied{index, f, {}, false});
        continue;
      }
    }
    done_.journal.created.push_back(std::move(path));
  }
  looked_[index] = dir.files.size();
  return ok_status();
}

Status Preflight::settle(ClaimsOf& kept) {
  if (occupied_.empty()) return ok_status();
  std::string key;
  kept.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view hash) {
    key = path;
    const auto found = occupied_.find(key);
    if (found == occupied_.end()) return;
    const bool is_kept_aside = contests_.before().has(dist.name.str(), key);
    found->second.claims.push_back({{dist.name.str(), dist.version.to_string()},
                                    RecordedHash::of(hash),
                                    is_kept_aside ? Standing::overwritten : Standing::in_place});
  });
  for (auto& [path, at] : occupied_)
    if (!at.claims.empty()) PKG_TRY(settle_one(path, at));
  drop_those_who_stand_back();
  return ok_status();
}

Status Preflight::settle_one(const std::string& path, Occupied& at) {
  const PlacedDir& dir = placement_.dirs[at.dir];
  const PlacedFile& file = dir.files[at.file];
  if (file.wheel == kNone || file.is_bytecode()) return ok_status();
  const RecordedHash own{"sha256", hash::to_base64url(sha256_in(placement_, file))};
  std::vector<const Claimant*> others;
  for (const auto& claim : at.claims)
    if (claim.hash != own) others.push_back(&claim);
  if (others.empty()) return ok_status();
  const auto title = contests_.title(file.wheel);
  for (const auto* other : others) PKG_TRY(contests_.check(placement_, dir, placement_.name(file), other->who, title));
  // Last whose file lies there: of those who are not kept aside, the last by name.
  std::sort(others.begin(), others.end(), [](const auto* a, const auto* b) {
    return a->standing != b->standing ? a->standing == Standing::overwritten : a->who < b->who;
  });
  const auto beats = [&](const Claimant* other) {
    return contests_.arriving_wins(file.wheel, other->who.name, other->standing, path);
  };
  const auto winner = std::find_if_not(others.rbegin(), others.rend(), beats);
  if (winner == others.rend()) return take_over(path, at, others);
  contests_.lost(path, (*winner)->who, title, file);
  at.stands_back = true;
  return ok_status();
}

// The arriving file goes where those of others are.
Status Preflight::take_over(const std::string& path, const Occupied& at, std::span<const Claimant*> losers) {
  const PlacedDir& dir = placement_.dirs[at.dir];
  const std::string name(placement_.name(dir.files[at.file]));
  const auto title = contests_.title(dir.files[at.file].wheel);
  PKG_TRY_ASSIGN(const auto folder, ground_.folder(dir.path));
  for (const auto* loser : losers) {
    if (loser->standing == Standing::in_place && holds_recorded(folder->get(), name, loser->hash)) {
      PlacedFile file;
      file.brought = static_cast<std::uint32_t>(placement_.brought.size());
      placement_.brought.push_back({name, path, {}});
      contests_.lost(path, title, loser->who, file);
    } else {
      contests_.note(path, title, loser->who);
    }
  }
  for (auto& bytecode : bytecode_of(ground_, path))
    if (!occupied_.contains(bytecode)) move(bytecode);
  return ok_status();
}

void Preflight::drop_those_who_stand_back() {
  std::map<std::uint32_t, std::set<std::uint32_t>> dropped;
  for (const auto& [path, at] : occupied_)
    if (at.stands_back) dropped[at.dir].insert(at.file);
  for (const auto& [dir, files] : dropped) {
    std::vector<PlacedFile> staying;
    for (std::uint32_t f = 0; f < placement_.dirs[dir].files.size(); ++f)
      if (!files.contains(f)) staying.push_back(placement_.dirs[dir].files[f]);
    placement_.dirs[dir].files = std::move(staying);
    looked_[dir] = placement_.dirs[dir].files.size();
  }
  std::erase_if(occupied_, [](const auto& entry) { return entry.second.stands_back; });
}

Status Preflight::bring_back(std::span<const InstalledDist> stays, ClaimsOf& kept) {
  contests_.put_losers(placement_);
  if (!contests_.before().paths.empty()) {
    PKG_TRY_ASSIGN(auto comeback, plan_comeback(placement_, ground_, contests_.before(), stays, kept));
    for (const auto& path : comeback.moved)
      if (!occupied_.contains(path)) move(path);
    done_.brought_back = std::move(comeback.brought_back);
    done_.warnings = std::move(comeback.warnings);
  }
  return look();
}

Preflighted Preflight::finish() && {
  for (const auto& [path, at] : occupied_) {
    move(path);
    done_.journal.created.push_back(path);
  }
  return std::move(done_);
}

}  // namespace

Result<Preflighted> preflight(Placement& placement, Ground& ground, std::span<const InstalledDist> stays,
                              Removal& removal, ClaimsOf& kept, Contests& contests) {
  Preflight preflight_run(placement, ground, removal, contests);
  PKG_TRY(preflight_run.look());
  PKG_TRY(preflight_run.settle(kept));
  PKG_TRY(preflight_run.bring_back(stays, kept));
  return std::move(preflight_run).finish();
}

}  // namespace pkg::venv
