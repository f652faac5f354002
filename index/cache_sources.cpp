#include "index/cache_sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/hash_file.h"
#include "base/text.h"
#include "base/url.h"
#include "index/built_wheels.h"
#include "pep/metadata.h"

namespace pkg::index {

std::vector<Sharded> sharded(const fs::Path& part) {
  std::vector<Sharded> folders;
  const auto shards = fs::list_dir(part);
  if (!shards) return folders;
  for (const auto& shard : *shards) {
    const auto names = fs::list_dir(part / shard);
    if (!names) continue;
    for (const auto& name : *names) folders.push_back({part / shard / name, name});
  }
  return folders;
}

namespace {

// Archives, without the notes beside them.
std::vector<Sharded> sdist_files(const CachePaths& paths) {
  auto files = sharded(paths.sdists());
  std::erase_if(files, [](const Sharded& file) { return file.name.size() != 64; });
  return files;
}

// Mirrors of repositories, without their locks.
std::vector<fs::Path> mirrors(const CachePaths& paths) {
  std::vector<fs::Path> found;
  const auto names = fs::list_dir(paths.repositories());
  if (!names) return found;
  for (const auto& name : *names)
    if (!name.ends_with(".lock")) found.push_back(paths.repositories() / name);
  return found;
}

std::vector<fs::Path> build_environments(const CachePaths& paths) {
  std::vector<fs::Path> found;
  const auto names = fs::list_dir(paths.build_environments());
  if (!names) return found;
  for (const auto& name : *names)
    if (fs::is_directory(paths.build_environments() / name)) found.push_back(paths.build_environments() / name);
  return found;
}

std::int64_t mtime_of(const fs::Path& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 ? st.st_mtim.tv_sec : 0;
}

Status remove_archive(const Sharded& file, const Remove& remove) {
  PKG_TRY(remove(cat(file.path.native(), ".project")));
  return remove(file.path);
}

// Whose wheel or metadata is kept under a key; empty when neither can be read.
std::string built_project(const BuiltWheels& built, const std::string& key) {
  if (const auto wheel = built.wheel(key)) return wheel->project.str();
  const auto text = built.metadata(key);
  const auto metadata = text ? pep::Metadata::parse(*text) : Result<pep::Metadata>(Error{});
  return metadata ? metadata->name.str() : std::string();
}

bool has_sha256(const fs::Path& path, const std::string& hex) {
  const auto found = hash::hex_of_file(path);
  return found && *found == hex;
}

}  // namespace

void count_sources(const CachePaths& paths, CacheInfo& info) {
  info.sdists = sdist_files(paths).size();
  info.built = sharded(paths.built()).size();
  info.repositories = mirrors(paths).size();
  info.build_environments = build_environments(paths).size();
}

Status clean_sources_of(const CachePaths& paths, const std::set<std::string>& names, const Remove& remove) {
  const BuiltWheels built(paths, 0);
  for (const auto& folder : sharded(paths.built())) {
    if (names.count(built_project(built, folder.name)) != 0) PKG_TRY(remove(folder.path));
  }
  for (const auto& file : sdist_files(paths)) {
    const auto project = fs::read_file_at_most(cat(file.path.native(), ".project"), 4096);
    if (project && names.count(*project) != 0) PKG_TRY(remove_archive(file, remove));
  }
  return ok_status();
}

Status prune_unused_sources(const CachePaths& paths, std::int64_t before, const Remove& remove) {
  for (const auto& file : sdist_files(paths))
    if (mtime_of(file.path) < before) PKG_TRY(remove_archive(file, remove));
  for (const auto& folder : sharded(paths.built()))
    if (std::max(mtime_of(folder.path / "wheel"), mtime_of(folder.path / "METADATA")) < before) PKG_TRY(remove(folder.path));
  for (const auto& mirror : mirrors(paths))
    if (mtime_of(mirror) < before) PKG_TRY(remove(mirror));
  for (const auto& environment : build_environments(paths))
    if (mtime_of(environment) < before) PKG_TRY(remove(environment));
  return ok_status();
}

std::vector<DamagedSource> damaged_sources(const CachePaths& paths) {
  std::vector<DamagedSource> all;
  for (const auto& file : sdist_files(paths))
    if (!has_sha256(file.path, file.name))
      all.push_back({CacheDamage{file.name, "", "", "the source archive is not what was stored", false}, file.path});
  const BuiltWheels built(paths, 0);
  for (const auto& folder : sharded(paths.built())) {
    const bool has_wheel = fs::exists(folder.path / "wheel");
    const auto wheel = built.wheel(folder.name);
    const auto path = wheel ? url::file_url_to_path(wheel->url) : Result<std::string>(std::string());
    if (wheel && path && has_sha256(*path, wheel->sha256()->hex)) continue;
    if (!wheel && !has_wheel) continue;  // metadata only
    all.push_back(
        {CacheDamage{wheel ? wheel->sha256()->hex : "", wheel ? wheel->project.str() : "", wheel ? wheel->version.to_string() : "",
                     cat("the wheel that was built under ", folder.name.substr(0, 12), "… is missing or is not what was stored"), false},
         folder.path});
  }
  return all;
}

}  // namespace pkg::index
