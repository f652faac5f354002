#include "venv/transaction/ownership.h"

#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

std::string shown_title(const DistTitle& title) {
  return title.name.empty() ? std::string("an installed distribution") : cat(quote(title.name), ' ', title.version);
}

bool is_in_info(const Boundary& boundary, std::string_view folder) {
  for (; boundary.in_site(folder); folder = parent_of(folder))
    if (folder.ends_with(".dist-info")) return true;
  return false;
}

// A file of one wheel where another has a folder.
Status check_folders(const Placement& placement, const Contests& contests, const PlacedDir& dir,
                     const std::unordered_map<std::string_view, std::size_t>& by_name) {
  for (const auto child : dir.children) {
    const auto found = by_name.find(name_of(placement.dirs[child].path));
    if (found == by_name.end()) continue;
    const auto who = shown_title(contests.owner(placement, dir.files[found->second]));
    return make_error(ErrorKind::conflict,
                      cat(who, " installs ", shown(placement.boundary(), placement.dirs[child].path),
                          " as a file, another distribution as a folder"));
  }
  return ok_status();
}

// Whether `file` goes before `other`, which came to the same path before it.
bool goes_before(const Placement& placement, const Contests& contests, const PlacedFile& file, const PlacedFile& other,
                 const std::string& path) {
  if (file.wheel != kNone && other.wheel != kNone) return file.wheel > other.wheel;
  const auto arriving = file.wheel != kNone ? file.wheel : other.wheel;
  const auto kept = contests.owner(placement, file.wheel != kNone ? other : file);
  return contests.arriving_wins(arriving, kept.name, Standing::in_place, path) == (file.wheel != kNone);
}

Status settle_dir(Placement& placement, Contests& contests, PlacedDir& dir) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  by_name.reserve(dir.files.size());
  std::unordered_map<std::size_t, std::vector<PlacedFile>> equals;  // of settled ones: others with the same bytes
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
    if (sha256_in(placement, other) == sha256_in(placement, file)) {
      equals[at->second].push_back(file);
      continue;
    }
    const auto one = contests.owner(placement, other), another = contests.owner(placement, file);
    PKG_TRY(contests.check(placement, dir, name, one, another));
    const std::string path = join_path(dir.path, name);
    if (goes_before(placement, contests, file, other, path)) {
      contests.lost(path, another, one, other);
      for (const auto& equal : equals[at->second])
        contests.lost(path, another, contests.owner(placement, equal), equal);
      equals.erase(at->second);
      other = file;
    } else {
      contests.lost(path, one, another, file);
    }
  }
  dir.files = std::move(settled);
  return check_folders(placement, contests, dir, by_name);
}

}  // namespace

std::string sha256_in(const Placement& placement, const PlacedFile& file) {
  return file.linked != nullptr ? std::string(std::string_view(file.linked->sha256))
                                : hash::sha256(placement.written[file.written].content);
}

bool Contests::arriving_wins(std::uint32_t wheel, std::string_view other, Standing standing,
                             const std::string& path) const {
  const std::string& name = wheels_[wheel].wheel->manifest.name.str();
  if (options_.precedence == Precedence::by_name) return name > other;
  return standing == Standing::overwritten || !before_.has(name, path);
}

Status Contests::check(const Placement& placement, const PlacedDir& dir, std::string_view name, const DistTitle& one,
                       const DistTitle& other) const {
  const Boundary& boundary = placement.boundary();
  const bool is_possible =
      !one.name.empty() && !other.name.empty() && one.name != other.name && !is_in_info(boundary, dir.path);
  if (is_possible && options_.file_conflicts == FileConflicts::warn) return ok_status();
  return make_error(ErrorKind::conflict,
                    cat(shown_title(one), " and ", shown_title(other), " both install ",
                        shown(boundary, join_path(dir.path, name)), ", with different content"),
                    is_possible
                        ? "only one of them can be in this environment, unless --file-conflicts warn allows both"
                        : "only one of them can be in this environment");
}

DistTitle Contests::title(std::uint32_t wheel) const {
  const auto& manifest = wheels_[wheel].wheel->manifest;
  return {manifest.name.str(), manifest.version_as_written};
}

DistTitle Contests::owner(const Placement& placement, const PlacedFile& file) const {
  if (file.wheel != kNone) return title(file.wheel);
  return file.linked != nullptr ? placement.kept_owners[file.from] : DistTitle();
}

void Contests::note(const std::string& path, const DistTitle& winner, const DistTitle& loser) {
  winners_.insert_or_assign(path, winner);
  lost_[path].insert(loser);
}

void Contests::lost(const std::string& path, const DistTitle& winner, const DistTitle& loser, PlacedFile file) {
  note(path, winner, loser);
  losers_.push_back({path, loser.name, file});
}

void Contests::put_losers(Placement& placement) {
  const Boundary& boundary = placement.boundary();
  for (auto& loser : losers_) {
    if (!keeps_ || !is_below(loser.path, boundary.prefix())) continue;
    const auto dir = placement.dir(parent_of(overwritten_copy(boundary, loser.name, loser.path)));
    placement.dirs[dir].files.push_back(loser.file);
    ++placement.dirs[dir].contributions;
  }
  losers_.clear();
}

std::vector<FileConflict> Contests::report(const Boundary& boundary) const {
  std::map<std::pair<DistTitle, DistTitle>, FileConflict> pairs;
  for (const auto& [path, losers] : lost_) {
    const auto& winner = winners_.find(path)->second;
    for (const auto& loser : losers) {
      auto& conflict = pairs[{winner, loser}];
      if (conflict.paths++ == 0) conflict.example = boundary.relative(path);
      conflict.winner = winner;
      conflict.loser = loser;
    }
  }
  std::vector<FileConflict> result;
  for (auto& [key, conflict] : pairs) result.push_back(std::move(conflict));
  return result;
}

Status settle_between_wheels(Placement& placement, Contests& contests) {
  for (auto& dir : placement.dirs)
    if (!dir.files.empty() && (dir.contributions > 1 || !dir.children.empty()))
      PKG_TRY(settle_dir(placement, contests, dir));
  return ok_status();
}

}  // namespace pkg::venv
