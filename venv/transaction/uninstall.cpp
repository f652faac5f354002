#include "venv/transaction/uninstall.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/dir_reader.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "pep/record.h"
#include "venv/site_files.h"
#include "venv/wholeness.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kMaxPath = 4096;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using NameSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

// A folder with something in it that is to go.
struct Folder {
  std::string path;
  Folder* parent = nullptr;
  NameSet owned;                   // names of files in it
  std::vector<Folder*> children;   // that are really there, once scanned
  std::vector<std::string> found;  // owned files that are there
  std::vector<std::string> stale;  // __pycache__: what is of no source that goes
  bool is_info = false;            // .dist-info: everything in it goes
  bool is_fixed = false;           // never goes itself
  bool is_bytecode = false;        // __pycache__
  bool has_foreign = false;        // holds something that stays
  bool is_whole = false;           // goes as a whole
};

// Where the listing does not tell the type of an entry.
unsigned char type_by_look(int folder, const char* name) {
  struct stat info;
  if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
  if (S_ISDIR(info.st_mode)) return DT_DIR;
  return S_ISLNK(info.st_mode) ? DT_LNK : DT_REG;
}

class RemovalPlanner {
 public:
  RemovalPlanner(const FolderLinks& links, const Boundary& boundary, const std::set<pep::Name>& written_over)
      : folder_links_(links), boundary_(boundary), written_over_(written_over) {}

  Status add(const InstalledDist& dist);
  void keep_claimed(ClaimsOf& kept);
  void find_shared(ClaimsOf& going);
  Status scan();
  Removal finish() &&;

 private:
  Folder& folder(std::string_view path);
  void own(std::string_view path);
  void own_row(const InstalledDist& dist, std::string_view site, std::string_view row);
  Status add_egg_info(const InstalledDist& dist);
  Status add_egg_link(const InstalledDist& dist);
  Status scan_folder(Folder& at);
  void classify(int fd, Folder& at, std::string_view name, unsigned char type);
  void decide(Folder& at);
  void emit(const Folder& at);

  const FolderLinks& folder_links_;
  const Boundary& boundary_;
  const std::set<pep::Name>& written_over_;
  PathResolver resolver_;
  std::unordered_map<std::string, std::unique_ptr<Folder>, TextHash, std::equal_to<>> folders_;
  std::vector<Folder*> scanned_;  // parents before children
  Folder* last_ = nullptr;
  std::unordered_map<std::string, Removal::Shared> claimed_;  // by path: what stays because others claim it
  std::string buffer_;
  Removal removal_;
};

std::string title(const InstalledDist& dist) { return cat(quote(dist.name.str()), ' ', to_string(dist.version)); }

// What another tool installed is that tool's to take away; else the files come back with their list.
Error no_record_error(const InstalledDist& dist) {
  const auto message =
      cat("cannot uninstall ", title(dist), ": its RECORD file is missing, so its files are not known");
  const auto installer = read_installer(dist);
  if (!installer.empty() && !is_of_recording_installer(dist))
    return make_error(ErrorKind::unsupported, message,
                      cat("it was installed by ", quote(installer), ", which should uninstall it"));
  return make_error(ErrorKind::unsupported, message,
                    cat("`pkg install --reinstall --no-deps ", dist.name.str(), "==", to_string(dist.version),
                        "` writes its files again, with a RECORD"));
}

// "x" of "x.cpython-312.pyc" and "x.cpython-312.opt-1.pyc": does a source of that name go?
bool is_bytecode_of(std::string_view name, const NameSet& sources) {
  if (!name.ends_with(".pyc")) return false;
  std::string source;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    source = cat(name.substr(0, dot), ".py");
    if (sources.contains(source)) return true;
  }
  return false;
}

bool is_empty_folder(int parent, const char* name) {
  const fs::Fd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return false;
  fs::DirReader reader(fd.get());
  return !reader.next() && reader.error() == 0;
}

Folder& RemovalPlanner::folder(std::string_view path) {
  if (last_ != nullptr && last_->path == path) return *last_;
  if (const auto known = folders_.find(path); known != folders_.end()) return *(last_ = known->second.get());
  auto added = std::make_unique<Folder>();
  Folder& result = *added;
  result.path = path;
  result.is_fixed = boundary_.is_fixed_folder(path);
  result.is_bytecode = name_of(path) == "__pycache__";
  folders_.emplace(result.path, std::move(added));
  if (!result.is_fixed) {
    Folder& above = folder(parent_of(path));
    result.parent = &above;
  }
  return *(last_ = &result);
}

void RemovalPlanner::own(std::string_view path) { folder(parent_of(path)).owned.emplace(name_of(path)); }

void RemovalPlanner::own_row(const InstalledDist& dist, std::string_view site, std::string_view row) {
  if (row.size() > kMaxPath) return;  // no file system holds it
  std::string path(record_target(site, row, buffer_));
  const auto leave = [&](std::string_view why) {
    removal_.warnings.push_back(cat(title(dist), " lists ", quote(row), ", which ", why, ": left alone"));
  };
  if (!boundary_.in_site(path)) {
    // Links between folders of the environment (lib64, share) are followed outside site-packages; nothing beyond it
    // is touched.
    path = join_path(resolver_.of(parent_of(path)), name_of(path));
    if (boundary_.is_fixed_folder(path) && is_below(path, boundary_.prefix()))
      return leave("is a folder of the environment itself");
    if (!boundary_.contains(path) || boundary_.is_fixed_folder(path)) return leave("lies outside the environment");
  }
  if (boundary_.may_hold_own(parent_of(path)) && (boundary_.is_environments_own(path) || boundary_.is_pkgs_own(path)))
    return leave("belongs to the environment itself");
  own(path);
}

Status RemovalPlanner::add(const InstalledDist& dist) {
  if (!boundary_.in_site(resolver_.of(dist.info.native())))
    return make_error(ErrorKind::unsupported, cat("cannot uninstall ", title(dist), ": ", quote(dist.info.native()),
                                                  " lies outside this environment"));
  switch (dist.kind) {
    case InstalledKind::egg_info_dir:
      return add_egg_info(dist);
    case InstalledKind::egg_link:
      return add_egg_link(dist);
    case InstalledKind::egg_info_file:
      return make_error(
          ErrorKind::unsupported,
          cat("cannot uninstall ", title(dist),
              ": it was installed by distutils, which does not say which files belong to it"),
          cat("remove it the way it was installed, or delete its files and ", quote(dist.info.native()), " by hand"));
    case InstalledKind::dist_info:
      break;
  }
  const std::string site = resolver_.of(dist.info.parent_path().native());
  const auto text = read_record_text(dist);
  if (text.ok()) {
    for (pep::RecordReader record(*text); record.next_file();) own_row(dist, site, record.path());
  } else if (text.error().kind != ErrorKind::not_found) {
    return Error(text.error()).with(cat("while planning to uninstall ", title(dist)));
  } else if (!written_over_.contains(dist.name)) {
    return no_record_error(dist);
  }
  Folder& info = folder(join_path(site, dist.info.filename().native()));
  info.is_info = true;
  return ok_status();
}

Status RemovalPlanner::add_egg_info(const InstalledDist& dist) {
  auto list = fs::read_file_at_most(dist.info / "installed-files.txt", limits::kRecord);
  if (!list.ok())
    return make_error(
        ErrorKind::unsupported,
        cat("cannot uninstall ", title(dist), ": ", quote(dist.info.filename().native()), " does not list its files"),
        "remove it the way it was installed");
  const std::string info = resolver_.of(dist.info.native());
  for (const auto line : split_lines(*list))
    if (!trim(line).empty()) own_row(dist, info, line);
  folder(info).is_info = true;
  return ok_status();
}

// `setup.py develop`: a file naming the project's folder, and a line in easy-install.pth.
Status RemovalPlanner::add_egg_link(const InstalledDist& dist) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(dist.info, limits::kSmall));
  const std::string link = resolver_.of(dist.info.native());
  own(link);
  const auto lines = split_lines(text);
  const std::string site(parent_of(link));
  if (const auto pth = fs::read_file_at_most(join_path(site, "easy-install.pth"), limits::kSmall);
      pth.ok() && !lines.empty()) {
    std::string kept;
    for (const auto line : split_lines(*pth))
      if (trim(line) != trim(lines[0])) append(kept, line, '\n');
    if (kept.size() < pth->size()) removal_.rewrites.push_back({site, "easy-install.pth", std::move(kept)});
  }
  return ok_status();
}

void RemovalPlanner::keep_claimed(ClaimsOf& kept) {
  const Folder* at = nullptr;
  std::string at_path;
  kept.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view hash) {
    const auto parent = parent_of(path);
    if (parent != at_path) {
      const auto known = folders_.find(parent);
      at = known == folders_.end() ? nullptr : known->second.get();
      at_path = parent;
    }
    if (at == nullptr) return;
    auto& owned = const_cast<Folder*>(at)->owned;
    const auto claimed = owned.find(name_of(path));
    if (claimed == owned.end()) return;
    owned.erase(claimed);
    if (!hash.empty()) claimed_.emplace(path, Removal::Shared{std::string(path), dist.name.str(), std::string(hash)});
  });
}

void RemovalPlanner::find_shared(ClaimsOf& going) {
  if (claimed_.empty()) return;
  std::string key;
  going.for_each([&](const InstalledDist&, std::string_view path, std::string_view hash) {
    key = path;
    const auto found = claimed_.find(key);
    if (found == claimed_.end() || hash.empty() || found->second.hash == hash) return;
    removal_.shared.push_back(std::move(found->second));
    claimed_.erase(found);
  });
}

Status RemovalPlanner::scan() {
  // From the fixed folders downwards, entering only what a listing showed to be a folder: no link is ever followed.
  for (const auto& [path, at] : folders_)
    if (at->is_fixed) scanned_.push_back(at.get());
  std::sort(scanned_.begin(), scanned_.end(), [](const Folder* a, const Folder* b) { return a->path < b->path; });
  for (std::size_t i = 0; i < scanned_.size(); ++i) {
    if (!scanned_[i]->is_info) PKG_TRY(scan_folder(*scanned_[i]));
    for (Folder* child : scanned_[i]->children) scanned_.push_back(child);
  }
  for (auto at = scanned_.rbegin(); at != scanned_.rend(); ++at) decide(**at);
  return ok_status();
}

Status RemovalPlanner::scan_folder(Folder& at) {
  const fs::Fd folder(::open(at.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | (at.is_fixed ? 0 : O_NOFOLLOW)));
  if (!folder) {
    if (errno == ENOENT || errno == ENOTDIR) return ok_status();
    return fs::errno_error("cannot read folder", at.path, errno);
  }
  const int fd = folder.get();
  fs::DirReader reader(fd);
  while (const auto entry = reader.next()) {
    const std::string_view name = entry->name;
    const unsigned char type = entry->type == DT_UNKNOWN ? type_by_look(fd, name.data()) : entry->type;
    if (type == DT_DIR && name != "__pycache__" && !folders_.contains(join_path(at.path, name)) &&
        is_empty_folder(fd, name.data()))
      continue;
    classify(fd, at, name, type);
  }
  if (reader.error() != 0) return fs::errno_error("cannot read folder", at.path, reader.error());
  return ok_status();
}

void RemovalPlanner::classify(int fd, Folder& at, std::string_view name, unsigned char type) {
  if (type == DT_DIR) {
    const std::string path = join_path(at.path, name);
    const auto known = folders_.find(path);
    if (known == folders_.end() && name != "__pycache__") {
      at.has_foreign = true;
      return;
    }
    Folder& child = known == folders_.end() ? folder(path) : *known->second;
    if (!child.is_fixed) at.children.push_back(&child);
    if (child.is_fixed) at.has_foreign = true;
    return;
  }
  if (type == DT_LNK && folders_.contains(join_path(at.path, name)) && folder_links_.is_ours(fd, at.path, name)) {
    at.found.emplace_back(name);  // stands for a folder of the store: goes as it is, and is not looked into
    removal_.links.push_back(join_path(at.path, name));
    return;
  }
  if (at.owned.contains(name) || (at.is_bytecode && at.parent != nullptr && is_bytecode_of(name, at.parent->owned))) {
    at.found.emplace_back(name);
  } else if (at.is_bytecode && (type == DT_REG || name.ends_with(".pyc"))) {
    at.stale.emplace_back(name);  // of a source that is gone, or what others cache there (numba): keeps no folder
  } else {
    at.has_foreign = true;
  }
}

void RemovalPlanner::decide(Folder& at) {
  if (at.is_info) {
    at.is_whole = true;
    return;
  }
  if (at.is_bytecode) {
    at.is_whole = !at.has_foreign && at.stale.empty() && at.children.empty();
    return;
  }
  bool whole = !at.is_fixed && !at.has_foreign;
  for (const Folder* child : at.children)
    whole = whole && (child->is_whole || (child->is_bytecode && !child->has_foreign && child->children.empty()));
  at.is_whole = whole;
}

void RemovalPlanner::emit(const Folder& at) {
  removal_.files += at.is_info ? at.owned.size() : at.found.size();
  if (at.parent != nullptr && at.parent->is_whole) return;  // goes with it
  if (at.is_whole) {
    removal_.moved.push_back(at.path);
    return;
  }
  for (const auto& name : at.found) removal_.moved.push_back(join_path(at.path, name));
}

Removal RemovalPlanner::finish() && {
  for (const Folder* at : scanned_) emit(*at);
  std::sort(removal_.moved.begin(), removal_.moved.end());
  removal_.moved_set.insert(removal_.moved.begin(), removal_.moved.end());
  return std::move(removal_);
}

}  // namespace

Result<Removal> plan_removal(std::span<const InstalledDist> dists, ClaimsOf& kept, const FolderLinks& links,
                             const Boundary& boundary, const std::set<pep::Name>& written_over) {
  if (dists.empty()) return Removal{};
  RemovalPlanner planner(links, boundary, written_over);
  for (const auto& dist : dists) PKG_TRY(planner.add(dist));
  planner.keep_claimed(kept);
  ClaimsOf going(dists);
  planner.find_shared(going);
  PKG_TRY(planner.scan());
  return std::move(planner).finish();
}

}  // namespace pkg::venv
