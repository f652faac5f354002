// for/<request>          the key it came to; then, by key, a folder:
//
//   METADATA             what was prepared
//   wheel                "pkgbuilt1", sha256, size and file name of the wheel, a line each
//   <sha256>/<file name> the wheel. Two builds of one source may differ: each is in a folder of its own, and `wheel`
//   names one of them

#include "index/wheels/built_wheels.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/hash.h"
#include "base/hash_file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "index/wheels/built_wheel_note.h"
#include "pep/filename.h"

namespace pkg::index {
namespace {

bool is_key(std::string_view text) { return hex::is_lower(text, 64); }

Error no_key(std::string_view key) {
  return make_error(ErrorKind::internal, cat("not a key of a built wheel: ", quote(key)));
}

pep::DistFile dist_file(pep::WheelName name, std::string file_name, const fs::Path& path, std::string sha256,
                        std::uint64_t size) {
  pep::DistFile file;
  file.project = std::move(name.name);
  file.version = std::move(name.version);
  file.file_name = std::move(file_name);
  file.url = url::path_to_file_url(path.native());
  file.hashes.push_back({hash::Algorithm::sha256, std::move(sha256)});
  file.size_bytes = size;
  return file;
}

// Another process that looks for `to` meanwhile sees no part of it.
Status copy_across(const fs::Path& from, const fs::Path& to) {
  const fs::Path part = to.native() + ".part";
  std::error_code failed;
  std::filesystem::copy_file(from, part, std::filesystem::copy_options::overwrite_existing, failed);
  if (!failed) std::filesystem::rename(part, to, failed);
  return failed ? Status(fs::errno_error("cannot write", to, failed.value())) : ok_status();
}

Status move_file(const fs::Path& from, const fs::Path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return ok_status();
  if (errno != EXDEV) return fs::errno_error("cannot put in place", to, errno);
  PKG_TRY(copy_across(from, to));
  (void)::unlink(from.c_str());  // the caller's temporary file
  return ok_status();
}

}  // namespace

std::optional<std::string> BuiltWheels::known(const std::string& request) const {
  if (!is_key(request)) return std::nullopt;
  auto key = fs::read_file_at_most(note(request), 4096);
  return key && is_key(*key) ? std::optional<std::string>(std::move(key).value()) : std::nullopt;
}

Status BuiltWheels::keep_known(const std::string& request, const std::string& key) const {
  if (!is_key(request) || !is_key(key)) return no_key(request);
  PKG_TRY(fs::make_dirs(note(request).parent_path()));
  return fs::publish(note(request), key);
}

std::optional<pep::DistFile> BuiltWheels::wheel(const std::string& key) const {
  if (!is_key(key)) return std::nullopt;
  const auto place = folder(key) / "wheel";
  const auto text = fs::read_file_at_most(place, kLongestBuiltWheelNote);
  if (!text) return std::nullopt;
  const auto note = parse_built_wheel_note(*text);
  if (!note) return std::nullopt;
  const auto path = folder(key) / note->sha256_hex / note->file_name;
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode) ||
      static_cast<std::uint64_t>(st.st_size) != note->size_bytes)
    return std::nullopt;
  if (::stat(place.c_str(), &st) == 0 && now_ - st.st_mtim.tv_sec > time::kDay)
    (void)::utimensat(AT_FDCWD, place.c_str(), nullptr, 0);
  return dist_file(pep::WheelName::parse(note->file_name).value(), note->file_name, path, note->sha256_hex,
                   note->size_bytes);
}

Result<pep::DistFile> BuiltWheels::keep_wheel(const std::string& key, const fs::Path& wheel) const {
  if (!is_key(key)) return no_key(key);
  auto file_name = wheel.filename().native();
  PKG_TRY_ASSIGN(auto name, pep::WheelName::parse(file_name));
  PKG_TRY_ASSIGN(const auto sha256, hash::hex_of_file(wheel));
  std::error_code failed;
  const auto size = std::filesystem::file_size(wheel, failed);
  if (failed) return fs::errno_error("cannot look at", wheel, failed.value());
  const auto place = folder(key) / sha256;
  PKG_TRY(fs::make_dirs(place));
  PKG_TRY(move_file(wheel, place / file_name));
  PKG_TRY(fs::publish(folder(key) / "wheel", BuiltWheelNote{sha256, file_name, size}.text()));
  return dist_file(std::move(name), file_name, place / file_name, sha256, size);
}

std::optional<std::string> BuiltWheels::metadata(const std::string& key) const {
  if (!is_key(key)) return std::nullopt;
  auto text = fs::read_file_at_most(folder(key) / "METADATA", limits::kMetadata);
  if (!text || text->empty()) return std::nullopt;
  return std::move(text).value();
}

Status BuiltWheels::keep_metadata(const std::string& key, const std::string& text) const {
  if (!is_key(key)) return no_key(key);
  PKG_TRY(fs::make_dirs(folder(key)));
  return fs::publish(folder(key) / "METADATA", text);
}

}  // namespace pkg::index
