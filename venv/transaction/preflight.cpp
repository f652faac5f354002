#include "venv/transaction/preflight.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "pep/record.h"
#include "venv/transaction/ownership.h"

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

// A file of the placement where something is already.
struct Occupied {
  std::uint32_t dir;
  std::uint32_t file;
};

class Preflight {
 public:
  Preflight(Placement& placement, Ground& ground, std::span<const WheelToInstall> wheels, const Removal& removal,
            const ApplyOptions& options)
      : placement_(placement), ground_(ground), wheels_(wheels), removal_(removal), options_(options) {
    journal_.moved = removal.moved;
  }

  Status look_at_folders();
  Status settle(ClaimsOf& kept);
  Journal finish() && { return std::move(journal_); }

 private:
  Status look_at_folder(PlacedDir& dir);
  Result<Found> look_at(const std::string& path);
  Status look_at_files(std::uint32_t index);
  std::string path_of(const PlacedDir& dir, const PlacedFile& file) const {
    return join_path(dir.path, placement_.name(file));
  }
  Error in_the_way(const std::string& path, const char* what) const {
    return make_error(ErrorKind::conflict, cat(shown(placement_.boundary(), path), " is in the way: it is ", what));
  }

  Placement& placement_;
  Ground& ground_;
  std::span<const WheelToInstall> wheels_;
  const Removal& removal_;
  const ApplyOptions& options_;
  Journal journal_;
  std::unordered_map<std::string, Occupied> occupied_;
};

Status Preflight::look_at_folders() {
  for (std::uint32_t i = 0; i < placement_.dirs.size(); ++i) {  // parents come before their children
    if (placement_.dirs[i].in_link) continue;
    PKG_TRY(look_at_folder(placement_.dirs[i]));
    if (!placement_.dirs[i].is_link && !placement_.dirs[i].is_new) PKG_TRY(look_at_files(i));
  }
  return ok_status();
}

Status Preflight::look_at_folder(PlacedDir& dir) {
  if (dir.parent == kNone) return ok_status();
  if (placement_.dirs[dir.parent].is_new) {
    dir.is_new = true;
    return ok_status();
  }
  if (!removal_.moved_set.contains(dir.path)) {
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
  journal_.created.push_back(dir.path);
  return ok_status();
}

Result<Found> Preflight::look_at(const std::string& path) {
  PKG_TRY_ASSIGN(const auto spot, ground_.spot(path));
  return look_in(spot.at(), spot.name, path);
}

Status Preflight::look_at_files(std::uint32_t index) {
  const PlacedDir& dir = placement_.dirs[index];
  if (dir.files.empty()) return ok_status();
  PKG_TRY_ASSIGN(const auto folder, ground_.folder(dir.path));
  for (std::uint32_t f = 0; f < dir.files.size(); ++f) {
    std::string path = path_of(dir, dir.files[f]);
    if (!removal_.moved_set.contains(path)) {
      PKG_TRY_ASSIGN(const Found found, look_in(folder->get(), std::string(placement_.name(dir.files[f])), path));
      if (found == Found::folder) return in_the_way(path, "a folder");
      if (found != Found::nothing) {
        journal_.moved.push_back(path);
        occupied_.emplace(path, Occupied{index, f});
      }
    }
    journal_.created.push_back(std::move(path));
  }
  return ok_status();
}

Status Preflight::settle(ClaimsOf& kept) {
  if (occupied_.empty()) return ok_status();
  std::optional<Error> error;
  std::string key;
  kept.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view hash) {
    if (error) return;
    key = path;
    const auto found = occupied_.find(key);
    if (found == occupied_.end()) return;
    Claim claim;
    claim.dist = cat(quote(dist.name.str()), ' ', to_string(dist.version));
    if (const auto said = pep::split_record_hash(hash)) {
      claim.algorithm = said->algorithm;
      claim.digest = said->digest_base64url;
    }
    const PlacedDir& dir = placement_.dirs[found->second.dir];
    const auto policy = options_.allow_overwrite ? SamePath::last_wins : SamePath::refuse;
    auto settled = settle_with_installed(placement_, wheels_, dir, dir.files[found->second.file], claim, policy);
    if (!settled.ok()) error = std::move(settled).error();
  });
  if (error) return *std::move(error);
  return ok_status();
}

}  // namespace

Result<Journal> preflight(Placement& placement, Ground& ground, std::span<const WheelToInstall> wheels,
                          const Removal& removal, ClaimsOf& kept, const ApplyOptions& options) {
  Preflight preflight_run(placement, ground, wheels, removal, options);
  PKG_TRY(preflight_run.look_at_folders());
  PKG_TRY(preflight_run.settle(kept));
  return std::move(preflight_run).finish();
}

}  // namespace pkg::venv
