#include "index/cache/cache_sources.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/hash.h"
#include "base/hash_file.h"
#include "base/text.h"
#include "base/url.h"
#include "index/wheels/built_wheels.h"
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

// Builds by their keys, without the notes on requests.
std::vector<Sharded> built_folders(const CachePaths& paths) {
  auto folders = sharded(paths.built());
  std::erase_if(folders, [&](const Sharded& folder) { return folder.path.parent_path() == paths.built_for(); });
  return folders;
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

std::vector<fs::Path> folders_in(const fs::Path& part) {
  std::vector<fs::Path> found;
  const auto names = fs::list_dir(part);
  if (!names) return found;
  for (const auto& name : *names)
    if (fs::is_directory(part / name)) found.push_back(part / name);
  return found;
}

std::vector<fs::Path> request_notes(const CachePaths& paths) {
  std::vector<fs::Path> found;
  const auto names = fs::list_dir(paths.built_for());
  if (!names) return found;
  for (const auto& name : *names) found.push_back(paths.built_for() / name);
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
  info.built = built_folders(paths).size();
  info.repositories = mirrors(paths).size();
  info.build_environments = folders_in(paths.build_environments()).size();
}

Status clean_sources_of(const CachePaths& paths, const std::set<std::string>& names, const Remove& remove) {
  const BuiltWheels built(paths, 0);
  for (const auto& folder : built_folders(paths)) {
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
  for (const auto& folder : built_folders(paths))
    if (std::max(mtime_of(folder.path / "wheel"), mtime_of(folder.path / "METADATA")) < before)
      PKG_TRY(remove(folder.path));
  for (const auto& note : request_notes(paths))
    if (mtime_of(note) < before) PKG_TRY(remove(note));
  for (const auto& mirror : mirrors(paths))
    if (mtime_of(mirror) < before) PKG_TRY(remove(mirror));
  for (const auto& part : {paths.build_environments(), paths.environments(), paths.scripts()})
    for (const auto& environment : folders_in(part))
      if (mtime_of(environment) < before) PKG_TRY(remove(environment));
  if (const auto records = fs::list_dir(paths.tool_runs()))
    for (const auto& name : *records)
      if (mtime_of(paths.tool_runs() / name) < before) PKG_TRY(remove(paths.tool_runs() / name));
  return ok_status();
}

std::vector<DamagedSource> damaged_sources(const CachePaths& paths) {
  std::vector<DamagedSource> all;
  for (const auto& file : sdist_files(paths))
    if (!has_sha256(file.path, file.name))
      all.push_back({CacheDamage{file.name, "", "", "the source archive is not what was stored", false}, file.path});
  const BuiltWheels built(paths, 0);
  for (const auto& folder : built_folders(paths)) {
    const bool has_wheel = fs::exists(folder.path / "wheel");
    const auto wheel = built.wheel(folder.name);
    const auto path = wheel ? url::file_url_to_path(wheel->url) : Result<std::string>(std::string());
    if (wheel && path && has_sha256(*path, wheel->sha256()->hex)) continue;
    if (!wheel && !has_wheel) continue;  // metadata only
    all.push_back({CacheDamage{wheel ? wheel->sha256()->hex : "", wheel ? wheel->project.str() : "",
                               wheel ? wheel->version.to_string() : "",
                               cat("the wheel that was built under ", folder.name.substr(0, 12),
                                   "… is missing or is not what was stored"),
                               false},
                   folder.path});
  }
  return all;
}

}  // namespace pkg::index
