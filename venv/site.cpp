// Finding what is installed: by the names in the site folders. What is inside of one distribution: installed_files.cpp.
#include "venv/site.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/dir.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "pep/header_fields.h"
#include "venv/owned_paths.h"
#include "venv/site_files.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kHeadBytes = 1024;  // Name and Version are among METADATA's first lines

struct NameAndVersion {
  std::string name, version;
};

NameAndVersion head_fields(std::string_view text) {
  NameAndVersion found;
  pep::HeaderReader reader(text);
  while (auto field = reader.next()) {
    if (found.name.empty() && equals_ignoring_case(field->key, "name"))
      found.name = trim(field->value);
    else if (found.version.empty() && equals_ignoring_case(field->key, "version"))
      found.version = trim(field->value);
    if (!found.name.empty() && !found.version.empty()) break;
  }
  return found;
}

// METADATA's first kilobyte; the whole file when that does not have both names. `at` is a folder descriptor for `path`.
NameAndVersion read_head(int at, const char* path) {
  const fs::Fd fd(::openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));  // a pipe is not waited for
  if (!fd) return {};
  char head[kHeadBytes];
  const ssize_t got = ::read(fd.get(), head, sizeof head);
  if (got <= 0) return {};
  const std::string_view text(head, static_cast<std::size_t>(got));
  // The last line may be cut off.
  const std::size_t end = text.size() < sizeof head ? text.size() : text.rfind('\n');
  auto found = head_fields(end == std::string_view::npos ? std::string_view() : text.substr(0, end));
  if ((!found.name.empty() && !found.version.empty()) || text.size() < sizeof head) return found;
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::string whole(std::min<std::uint64_t>(limits::kMetadata, static_cast<std::uint64_t>(info.st_size)), '\0');
  const auto size = fs::read_at(fd.get(), 0, whole, path);
  return size ? head_fields(std::string_view(whole).substr(0, *size)) : NameAndVersion{};
}

bool is_its_name(const std::string& name, const InstalledDist& dist) {
  return pep::normalize_name(name) == dist.name.str();
}

bool is_its_version(const std::string& version, const InstalledDist& dist) {
  return version == dist.version_as_written || pep::Version::try_parse(version) == dist.version;
}

bool identify(InstalledDist& dist, std::string_view name, std::string_view version) {
  const auto parsed = pep::Version::try_parse(version);
  if (!parsed || !pep::is_valid_name(name)) return false;
  dist.name = pep::Name::from_normalized(pep::normalize_name(name));
  dist.version = *parsed;
  dist.name_as_written = name;
  dist.version_as_written = version;
  return true;
}

// "name-version": neither has a '-' in it when it is written as the standard wants.
bool identify_by_folder(InstalledDist& dist, std::string_view stem) {
  const std::size_t dash = stem.find('-');
  if (dash == std::string_view::npos || stem.find('-', dash + 1) != std::string_view::npos) return false;
  return identify(dist, stem.substr(0, dash), stem.substr(dash + 1));
}

// "name-version-py3.9" or "name-version"; old setuptools.
bool identify_egg_info(InstalledDist& dist, std::string_view stem) {
  if (const std::size_t python = stem.rfind("-py"); python != std::string_view::npos) stem = stem.substr(0, python);
  return identify_by_folder(dist, stem);
}

class SiteReader {
 public:
  SiteReader(std::vector<InstalledDist>& out, std::vector<std::string>* warnings) : out_(out), warnings_(warnings) {}

  Status read(const std::filesystem::path& folder) {
    const fs::Dir dir(::opendir(folder.c_str()));
    if (!dir)
      return errno == ENOENT || errno == ENOTDIR ? ok_status() : Status(fs::errno_error("cannot list", folder, errno));
    folder_ = &folder;
    at_ = ::dirfd(dir.get());
    errno = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      take(entry->d_name);
      errno = 0;
    }
    return errno == 0 ? ok_status() : Status(fs::errno_error("cannot list", folder, errno));
  }

 private:
  void take(std::string_view name) {
    if (name.ends_with(".dist-info")) {
      if (!name.starts_with('~'))
        take_dist_info(name);
      else
        warn(name, "is left over from an interrupted uninstall");
    } else if (name.ends_with(".egg-info")) {
      take_egg_info(name);
    } else if (name.ends_with(".egg-link")) {
      take_egg_link(name);
    }
  }

  void take_dist_info(std::string_view name) {
    InstalledDist dist = made(name, InstalledKind::dist_info);
    if (!identify_by_folder(dist, name.substr(0, name.size() - 10)) &&
        !identify_by_file(dist, cat(name, "/METADATA"))) {
      return warn(name, "has a name that is no NAME-VERSION and no METADATA that says more: ignored");
    }
    dist.has_record = ::faccessat(at_, cat(name, "/RECORD").c_str(), F_OK, 0) == 0;
    out_.push_back(std::move(dist));
  }

  void take_egg_info(std::string_view name) {
    const bool is_file = ::faccessat(at_, cat(name, "/.").c_str(), F_OK, 0) != 0;
    InstalledDist dist = made(name, is_file ? InstalledKind::egg_info_file : InstalledKind::egg_info_dir);
    if (!identify_egg_info(dist, name.substr(0, name.size() - 9)) &&
        !identify_by_file(dist, is_file ? std::string(name) : cat(name, "/PKG-INFO"))) {
      return warn(name, "says neither by its name nor inside which distribution it is: ignored");
    }
    out_.push_back(std::move(dist));
  }

  void take_egg_link(std::string_view name) {
    InstalledDist dist = made(name, InstalledKind::egg_link);
    const auto info = egg_link_info(dist.info);
    if (!info || !identify_by_file(dist, (*info / "PKG-INFO").native()))
      return warn(name, "leads to no distribution: ignored");
    out_.push_back(std::move(dist));
  }

  InstalledDist made(std::string_view name, InstalledKind kind) const {
    InstalledDist dist;
    dist.info = *folder_ / name;
    dist.kind = kind;
    return dist;
  }

  bool identify_by_file(InstalledDist& dist, const std::string& path) const {
    const auto found = read_head(at_, path.c_str());
    return identify(dist, found.name, found.version);
  }

  void warn(std::string_view name, std::string_view what) {
    if (warnings_ != nullptr) warnings_->push_back(cat(quote((*folder_ / name).native()), " ", what));
  }

  std::vector<InstalledDist>& out_;
  std::vector<std::string>* warnings_;
  const std::filesystem::path* folder_ = nullptr;
  int at_ = -1;
};

bool is_legacy(const InstalledDist& dist) { return dist.kind != InstalledKind::dist_info; }

// The entries among `legacy` that the RECORD of `owner` lists, themselves or with what is in them.
void find_listed(const InstalledDist& owner, std::span<InstalledDist*> legacy,
                 std::vector<const InstalledDist*>& owners) {
  const auto text = read_record_text(owner);
  if (!text) return;
  const auto may_list = [&](const InstalledDist* dist) {
    return text->find(dist->info.filename().native()) != std::string::npos;
  };
  if (std::none_of(legacy.begin(), legacy.end(), may_list)) return;
  const std::string site = owner.info.parent_path().native();
  std::string buffer;
  for (pep::RecordReader record(*text); record.next_file();) {
    const auto target = record_target(site, record.path(), buffer);
    for (std::size_t i = 0; i < legacy.size(); ++i)
      if (target == legacy[i]->info.native() || is_below(target, legacy[i]->info.native())) owners[i] = &owner;
  }
}

// A wheel may bring an .egg-info or .egg-link along, for whatever reason: what a distribution installed does not make
// another one.
void drop_smuggled(std::vector<InstalledDist>& dists, std::vector<std::string>* warnings) {
  std::vector<InstalledDist*> legacy;
  for (auto& dist : dists)
    if (is_legacy(dist)) legacy.push_back(&dist);
  if (legacy.empty()) return;
  std::vector<const InstalledDist*> owners(legacy.size());
  for (const auto& dist : dists)
    if (dist.has_record) find_listed(dist, legacy, owners);
  for (std::size_t i = 0; i < legacy.size(); ++i) {
    if (owners[i] == nullptr) continue;
    if (warnings != nullptr && owners[i]->name != legacy[i]->name)
      warnings->push_back(cat(quote(legacy[i]->info.native()), " is a file of ", quote(owners[i]->name.str()),
                              ", not a distribution: ignored"));
    legacy[i]->info.clear();
  }
  std::erase_if(dists, [](const InstalledDist& dist) { return dist.info.empty(); });
}

void sort_and_warn_of_doubles(std::vector<InstalledDist>& dists, std::vector<std::string>* warnings) {
  std::sort(dists.begin(), dists.end(), [](const auto& a, const auto& b) {
    return a.name != b.name ? a.name < b.name : a.info.native() < b.info.native();
  });
  if (warnings == nullptr) return;
  for (std::size_t i = 1; i < dists.size(); ++i) {
    if (dists[i].name != dists[i - 1].name) continue;
    warnings->push_back(cat(quote(dists[i].name.str()), " is installed twice: ", quote(dists[i - 1].info.native()),
                            " and ", quote(dists[i].info.native())));
  }
}

}  // namespace

Result<std::vector<InstalledDist>> installed_in(std::span<const std::filesystem::path> folders,
                                                std::vector<std::string>* warnings) {
  std::vector<InstalledDist> dists;
  SiteReader reader(dists, warnings);
  for (const auto& folder : folders) PKG_TRY(reader.read(folder));
  drop_smuggled(dists, warnings);
  sort_and_warn_of_doubles(dists, warnings);
  return dists;
}

Result<std::vector<InstalledDist>> installed(const Environment& environment, std::vector<std::string>* warnings) {
  const Layout& layout = environment.layout;
  std::vector<std::filesystem::path> folders{layout.purelib};
  std::error_code ignored;
  if (layout.platlib != layout.purelib && !std::filesystem::equivalent(layout.platlib, layout.purelib, ignored))
    folders.push_back(layout.platlib);
  return installed_in(folders, warnings);
}

void read_names(std::span<InstalledDist> dists, std::vector<std::string>* warnings) {
  for (InstalledDist& dist : dists) {
    if (dist.kind == InstalledKind::egg_link) continue;  // its name came from PKG-INFO
    const auto found = read_head(AT_FDCWD, metadata_path(dist).c_str());
    if (found.name.empty() || found.version.empty()) {
      if (warnings != nullptr) warnings->push_back(cat(quote(dist.info.native()), " has no readable metadata"));
      continue;
    }
    if (is_its_name(found.name, dist)) dist.name_as_written = found.name;
    if (is_its_version(found.version, dist)) dist.version_as_written = found.version;
  }
}

std::optional<std::string> contradicting_metadata(const InstalledDist& dist) {
  if (dist.kind == InstalledKind::egg_link) return std::nullopt;
  const auto found = read_head(AT_FDCWD, metadata_path(dist).c_str());
  if (found.name.empty() || found.version.empty()) return std::nullopt;
  if (is_its_name(found.name, dist) && is_its_version(found.version, dist)) return std::nullopt;
  return cat(found.name, " ", found.version);
}

}  // namespace pkg::venv
