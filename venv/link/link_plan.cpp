#include "venv/link/link_plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "pep/record.h"

namespace pkg::venv {
namespace {

using pep::Scheme;

// The one folder of the store that a folder of the placement would be a link to.
struct Source {
  std::uint32_t wheel = kNone, from = kNone;
  bool is_shared = false;  // several, or none
};

class LinkChooser {
 public:
  LinkChooser(Placement& placement, std::span<const WheelToInstall> wheels, const std::vector<bool>& usable,
              const Removal& removal)
      : placement_(placement), wheels_(wheels), usable_(usable), removal_(removal), sources_(placement.dirs.size()) {}

  void find_sources();
  void settle_sources();
  Status mark();

 private:
  bool is_candidate(std::uint32_t index) const;
  bool is_from(const PlacedDir& dir, const Source& source) const;
  const std::string& store_path(const Source& source) const {
    return wheels_[source.wheel].wheel->manifest.dirs[source.from].store_path;
  }
  Result<bool> is_free(const std::string& path) const;

  Placement& placement_;
  std::span<const WheelToInstall> wheels_;
  const std::vector<bool>& usable_;
  const Removal& removal_;
  std::vector<Source> sources_;
};

void LinkChooser::find_sources() {
  for (std::uint32_t w = 0; w < placement_.wheels.size(); ++w) {
    const auto& dirs = placement_.wheels[w].dirs;
    for (std::uint32_t d = 0; d < dirs.size(); ++d) {
      Source& source = sources_[dirs[d]];
      if (source.wheel != kNone) source.is_shared = true;
      source.wheel = w;
      source.from = d;
    }
  }
}

bool LinkChooser::is_from(const PlacedDir& dir, const Source& source) const {
  return std::all_of(dir.files.begin(), dir.files.end(), [&](const PlacedFile& file) {
    return file.linked != nullptr && file.wheel == source.wheel && file.from == source.from;
  });
}

bool LinkChooser::is_candidate(std::uint32_t index) const {
  const Source& source = sources_[index];
  const PlacedDir& dir = placement_.dirs[index];
  if (source.wheel == kNone || source.is_shared || !usable_[source.wheel]) return false;
  const auto& manifest = wheels_[source.wheel].wheel->manifest;
  const auto& from = manifest.dirs[source.from];
  if (from.scheme != Scheme::purelib && from.scheme != Scheme::platlib) return false;
  if (!placement_.boundary().in_site(dir.path) || placement_.boundary().is_fixed_folder(dir.path)) return false;
  if (from.path == manifest.dist_info || from.path.starts_with(cat(manifest.dist_info, '/'))) return false;
  if (name_of(dir.path) == "__pycache__") return false;  // Python writes there, were it a link or not
  return is_from(dir, source);
}

// From the leaves upwards: a folder can be a link when all its sub-folders can, to the sub-folders of what it would
// link to.
void LinkChooser::settle_sources() {
  for (auto i = static_cast<std::uint32_t>(placement_.dirs.size()); i-- > 0;) {
    Source& source = sources_[i];
    if (!is_candidate(i)) source.is_shared = true;
    if (source.is_shared) continue;
    for (const auto child : placement_.dirs[i].children) {
      const Source& below = sources_[child];
      if (!below.is_shared && below.wheel == source.wheel &&
          store_path(below) == join_path(store_path(source), name_of(placement_.dirs[child].path)))
        continue;
      source.is_shared = true;
      break;
    }
  }
}

// Nothing is there, or what is there goes.
Result<bool> LinkChooser::is_free(const std::string& path) const {
  for (std::string_view at = path; at.size() > 1; at = parent_of(at))
    if (removal_.moved_set.contains(std::string(at))) return true;
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0) return false;
  if (errno == ENOENT || errno == ENOTDIR) return true;  // a file in the way is found by the preflight
  return fs::errno_error("cannot look at", path, errno);
}

Status LinkChooser::mark() {
  for (std::uint32_t i = 0; i < placement_.dirs.size(); ++i) {
    PlacedDir& dir = placement_.dirs[i];
    if (dir.parent != kNone && (placement_.dirs[dir.parent].is_link || placement_.dirs[dir.parent].in_link)) {
      dir.in_link = true;
      continue;
    }
    if (sources_[i].is_shared) continue;
    PKG_TRY_ASSIGN(const bool free, is_free(dir.path));
    if (!free) continue;
    dir.is_link = true;
    dir.link_wheel = sources_[i].wheel;
    dir.link_target = join_path(wheels_[dir.link_wheel].wheel->path, store_path(sources_[i]));
  }
  return ok_status();
}

// Makes the placement of one link that becomes a real folder.
class LinkSplitter {
 public:
  LinkSplitter(Placement& placement, const std::string& path, const std::string& target)
      : placement_(placement), path_(path), target_(target) {}

  Status add(const InstalledDist& dist, std::string_view claimed, std::string_view hash);

 private:
  Status add_file(const InstalledDist& dist, std::uint32_t dir, std::string_view folder_below, std::string_view name,
                  std::string_view hash);

  Placement& placement_;
  const std::string& path_;
  const std::string& target_;
};

Status LinkSplitter::add(const InstalledDist& dist, std::string_view claimed, std::string_view hash) {
  const std::string_view below = claimed.substr(path_.size() + 1);
  // Down to the first folder that nothing new goes into: that can be a link.
  std::size_t start = 0;
  std::uint32_t dir = placement_.find(path_);
  while (true) {
    const auto slash = below.find('/', start);
    if (slash == std::string_view::npos) break;
    const std::string folder = join_path(path_, below.substr(0, slash));
    const auto next = placement_.find(folder);
    if (next == kNone) {
      const auto made = placement_.dir(folder);
      placement_.dirs[made].is_link = true;
      placement_.dirs[made].link_target = join_path(target_, below.substr(0, slash));
      return ok_status();
    }
    if (placement_.dirs[next].is_link) return ok_status();
    dir = next;
    start = slash + 1;
  }
  return add_file(dist, dir, start == 0 ? std::string_view() : below.substr(0, start - 1), below.substr(start), hash);
}

Status LinkSplitter::add_file(const InstalledDist& dist, std::uint32_t dir, std::string_view folder_below,
                              std::string_view name, std::string_view hash) {
  const std::string source = join_path(target_, folder_below);
  const std::string from = join_path(source, name);
  struct stat info;
  if (::stat(from.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return ok_status();  // gone already; `pkg verify` says so
    return fs::errno_error("cannot look at", from, errno);
  }
  pep::ManifestFile file;
  file.name = name;
  file.size = static_cast<std::uint64_t>(info.st_size);
  file.executable = (info.st_mode & 0100) != 0;
  const auto said = pep::split_record_hash(hash);
  const auto digest = said && said->algorithm == "sha256" ? hash::from_base64url(said->digest_base64url) : std::nullopt;
  if (!digest || digest->size() != 32) return ok_status();  // bytecode: made again when it is needed
  file.sha256 = *digest;
  placement_.keep(dir, source, std::move(file), {dist.name.str(), dist.version.to_string()});
  return ok_status();
}

}  // namespace

Status choose_links(Placement& placement, std::span<const WheelToInstall> wheels, const std::vector<bool>& usable,
                    const Removal& removal) {
  LinkChooser chooser(placement, wheels, usable, removal);
  chooser.find_sources();
  chooser.settle_sources();
  return chooser.mark();
}

void unlink_again(Placement& placement) {
  for (auto& dir : placement.dirs) {
    if (dir.is_link && dir.link_wheel != kNone) dir.is_link = false;
    dir.in_link = false;
  }
}

Status split_links(Placement& placement, const FolderLinks& links, ClaimsOf& kept, Removal& removal) {
  std::map<std::string, LinkSplitter, std::less<>> split;
  for (const auto& [path, target] : links.targets) {
    if (removal.moved_set.contains(path) || placement.find(path) == kNone || !links.is_ours(path)) continue;
    split.emplace(path, LinkSplitter(placement, path, target));
    removal.moved.push_back(path);
    removal.moved_set.insert(path);
  }
  if (split.empty()) return ok_status();
  Status done = ok_status();
  kept.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view hash) {
    if (!done.ok()) return;
    for (auto at = parent_of(path); at.size() > 1; at = parent_of(at)) {
      const auto found = split.find(at);
      if (found == split.end()) continue;
      done = found->second.add(dist, path, hash);
      return;
    }
  });
  return done;
}

}  // namespace pkg::venv
