#include "index/wheels/wheel_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <functional>

#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/move_tree.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "index/html_answer.h"
#include "index/metadata/metadata_cache.h"
#include "index/metadata/metadata_keys.h"
#include "index/wheels/linked_wheels.h"

namespace pkg::index {
namespace {

// The manifest's bytes; its mtime, the time of the wheel's last use, is moved on once a day.
Result<std::string> read_manifest(const fs::Path& path, std::int64_t now) {
  PKG_TRY_ASSIGN(const auto fd, fs::open_regular(path));
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fs::errno_error("cannot look at", path, errno);
  if (static_cast<std::uint64_t>(st.st_size) > limits::kCached)
    return make_error(ErrorKind::bad_data, cat(quote(path.native()), " is too large"));
  std::string bytes(static_cast<std::size_t>(st.st_size), '\0');
  PKG_TRY_ASSIGN(const auto got, fs::read_at(fd.get(), 0, bytes, path));
  bytes.resize(got);
  if (now - st.st_mtim.tv_sec > time::kDay) (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return bytes;
}

Status write_manifest(const fs::Path& path, const pep::WheelManifest& manifest) {
  PKG_TRY_ASSIGN(auto file, fs::create_file(path));
  PKG_TRY(fs::write_all(file.get(), manifest.encode(), path));
  return file.close(path);
}

WheelStore::Wheel unpacked(const fs::Path& folder, pep::WheelManifest manifest) {
  auto wheel = std::make_shared<pep::UnpackedWheel>();
  wheel->path = (folder / "files").native();
  wheel->manifest = std::move(manifest);
  return wheel;
}

std::int64_t mtime_ns(const struct stat& st) {
  return static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec;
}

void restore_mtime(const fs::Path& path, std::int64_t ns) {
  struct timespec times[2] = {{0, UTIME_OMIT},
                              {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)}};
  (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

// Names that a wheel's folders hold, by folder below its top.
std::map<std::string, std::set<std::string>, std::less<>> expected_names(const pep::WheelManifest& manifest) {
  std::map<std::string, std::set<std::string>, std::less<>> expected;
  for (const auto& dir : manifest.dirs) {
    auto& names = expected[dir.store_path];
    for (const auto& file : dir.files) names.insert(file.name);
    for (std::string at = dir.store_path; !at.empty();) {
      const auto slash = at.rfind('/');
      const std::string parent = slash == std::string::npos ? std::string() : at.substr(0, slash);
      if (!expected[parent].insert(slash == std::string::npos ? at : at.substr(slash + 1)).second) break;
      at = parent;
    }
  }
  return expected;
}

// The empty file that keeps interpreters from writing bytecode here (venv/link/link_check.h).
bool is_guard(const fs::Path& path) {
  struct stat st {};
  return path.filename() == "__pycache__" && ::lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

void find_strangers(const pep::UnpackedWheel& wheel, std::vector<std::string>& found) {
  for (const auto& [folder, expected] : expected_names(wheel.manifest)) {
    const auto names = fs::list_dir(fs::Path(wheel.path) / folder);
    if (!names) continue;  // its files are missing
    for (const auto& name : *names) {
      auto path = folder.empty() ? name : cat(folder, '/', name);
      if (!expected.contains(name) && !is_guard(fs::Path(wheel.path) / path)) found.push_back(std::move(path));
    }
  }
}

bool is_damaged(const fs::Path& path, const pep::ManifestFile& expected) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode) ||
      static_cast<std::uint64_t>(st.st_size) != expected.size)
    return true;
  const auto content = fs::read_file_at_most(path, expected.size);
  if (!content || std::string_view(hash::sha256(*content)) != std::string_view(expected.sha256)) return true;
  if (((st.st_mode & 0100) != 0) != expected.executable) return true;
  if (mtime_ns(st) != expected.mtime_ns) restore_mtime(path, expected.mtime_ns);
  return false;
}

// A local file may be built again under the same name; its FileKey tells.
std::string link_key(const pep::DistFile& file, std::string_view access) {
  const auto path =
      file.url.starts_with("file:") ? url::file_url_to_path(file.url) : Result<std::string>(std::string());
  const auto key = path && !path->empty() ? fs::file_key(*path) : std::nullopt;
  if (!key) return hash::sha256(announced_file(file, access));
  return hash::sha256(cat(file.url, '\0', key->device, '\0', key->inode, '\0', key->size, '\0', key->mtime_ns));
}

}  // namespace

struct WheelStore::State {
  State(CachePaths where, std::size_t threads, std::int64_t time)
      : paths(std::move(where)), now(time), links(paths.links()), pool(threads) {}

  fs::Path folder(std::string_view hex) const {
    return paths.wheels() / std::string(hex.substr(0, 2)) / std::string(hex);
  }

  // Moves a complete wheel into place. False: another was quicker, and stays. What is there and cannot be used is
  // replaced: looked at only when it is in the way, for whole wheels arrive at any moment.
  Result<bool> publish(const fs::Path& from, const std::string& hex,
                       const std::function<bool()>& other_is_usable) const {
    const auto to = folder(hex);
    PKG_TRY(fs::make_dirs(to.parent_path()));
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (::rename(from.c_str(), to.c_str()) == 0) return true;
      if (errno != ENOTEMPTY && errno != EEXIST) return fs::errno_error("cannot put in place", to, errno);
      if (other_is_usable()) return false;
      PKG_TRY(move_away(to));
    }
    return make_error(ErrorKind::io, cat("cannot put ", quote(to.native()), " in place: others keep writing it"));
  }

  Result<fs::TempDir> set_aside(const fs::Path& wheel) const {
    PKG_TRY(fs::make_dirs(paths.tmp()));
    PKG_TRY_ASSIGN(auto away, fs::TempDir::create(paths.tmp(), "old-"));
    const auto to = away.path() / "wheel";
    if (::rename(wheel.c_str(), to.c_str()) == 0 || errno == ENOENT) return away;
    if (errno != EXDEV) return fs::errno_error("cannot remove", wheel, errno);
    PKG_TRY(fs::move_tree(AT_FDCWD, wheel, AT_FDCWD, to, -1, wheel));  // it comes from a lower layer of overlayfs
    return away;
  }

  Status move_away(const fs::Path& wheel) const {
    PKG_TRY(set_aside(wheel));
    return ok_status();
  }

  const CachePaths paths;
  const std::int64_t now;
  MetadataCache links;
  TaskPool pool;
};

WheelStore::WheelStore(CachePaths paths, std::size_t threads, std::int64_t now)
    : state_(std::make_unique<State>(std::move(paths), threads, now)) {}
WheelStore::~WheelStore() = default;

TaskPool& WheelStore::workers() { return state_->pool; }

WheelStore::Wheel WheelStore::get(std::string_view sha256_hex, RecordCheck check) {
  if (!hex::is_lower(sha256_hex, 64)) return nullptr;
  const auto folder = state_->folder(sha256_hex);
  const auto bytes = read_manifest(folder / "manifest", state_->now);
  if (!bytes) return nullptr;
  auto manifest = pep::WheelManifest::decode(*bytes);
  if (!manifest || hash::to_hex(manifest->wheel_sha256) != sha256_hex) return nullptr;
  if (check == RecordCheck::strict && !manifest->record_verified) return nullptr;
  return unpacked(folder, std::move(manifest).value());
}

Result<WheelStore::Wheel> WheelStore::get(std::string_view sha256_hex, RecordCheck check, const pep::DistFile& file) {
  auto wheel = get(sha256_hex, check);
  if (!wheel || (wheel->manifest.name == file.project && wheel->manifest.version == file.version)) return wheel;
  return make_error(ErrorKind::hash_mismatch,
                    cat(quote(file.file_name), " is announced with the sha256 ", sha256_hex, ", which is that of ",
                        quote(cat(wheel->manifest.name.str(), "==", wheel->manifest.version.to_string()))));
}

Result<WheelStore::Wheel> WheelStore::put(const std::string& file_name, std::string_view archive,
                                          std::string_view sha256_raw, RecordCheck check,
                                          const ReadForGood& read_for_good) {
  const auto doing = [&] { return cat("while unpacking ", quote(file_name)); };
  const auto opened = zip::Reader::from_memory(archive);
  if (!opened) return told_of_html(archive, opened.error()).with(doing());
  const auto& reader = *opened;
  PKG_TRY_ASSIGN(auto layout, read_wheel_layout(reader, file_name, check).with(doing));
  layout.manifest.wheel_sha256 = sha256_raw;

  PKG_TRY(fs::make_dirs(state_->paths.tmp()));
  PKG_TRY_ASSIGN(const auto fresh, fs::TempDir::create(state_->paths.tmp(), "wheel-"));
  const auto files = fresh.path() / "files";
  if (::mkdir(files.c_str(), 0777) != 0) return fs::errno_error("cannot make the folder", files, errno);
  PKG_TRY(unpack_wheel(reader, layout, files, check, state_->pool, read_for_good).with(doing));
  PKG_TRY(write_manifest(fresh.path() / "manifest", layout.manifest));

  const auto hex = hash::to_hex(sha256_raw);
  const auto other_is_usable = [&] { return get(hex, check) != nullptr; };
  PKG_TRY_ASSIGN(const bool is_ours, state_->publish(fresh.path(), hex, other_is_usable));
  if (is_ours) return unpacked(state_->folder(hex), std::move(layout.manifest));
  if (auto stored = get(hex, check)) return stored;
  return make_error(ErrorKind::io,
                    cat("the wheel ", quote(file_name), " disappeared from the store while it was put there"));
}

Result<std::vector<std::string>> WheelStore::damaged_files(const pep::UnpackedWheel& wheel) {
  std::vector<std::string> damaged;
  for (const auto& dir : wheel.manifest.dirs) {
    for (const auto& file : dir.files) {
      auto path = dir.store_path.empty() ? file.name : cat(dir.store_path, "/", file.name);
      if (is_damaged(fs::Path(wheel.path) / path, file)) damaged.push_back(std::move(path));
    }
  }
  find_strangers(wheel, damaged);
  return damaged;
}

Result<fs::TempDir> WheelStore::set_aside(std::string_view sha256_hex) {
  return state_->set_aside(state_->folder(sha256_hex));
}

Status WheelStore::take_over(const fs::TempDir& aside, std::string_view sha256_hex) {
  return take_over_users(aside.path() / "wheel", state_->folder(sha256_hex));
}

void WheelStore::bring_back(const fs::TempDir& aside, std::string_view sha256_hex) {
  (void)::rename((aside.path() / "wheel").c_str(),
                 state_->folder(sha256_hex).c_str());  // fails where another process put one: better
}

std::optional<std::string> WheelStore::linked(const pep::DistFile& file, std::string_view access) const {
  auto raw = state_->links.find(file.project, link_key(file, access));
  return raw && raw->size() == 32 ? raw : std::nullopt;
}

Status WheelStore::link(const pep::DistFile& file, std::string_view access, std::string_view sha256_raw) const {
  return state_->links.add(file.project, link_key(file, access), sha256_raw);
}

}  // namespace pkg::index
