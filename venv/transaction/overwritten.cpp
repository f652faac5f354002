#include "venv/transaction/overwritten.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "pep/name.h"
#include "pep/record.h"
#include "venv/transaction/parallel_remove.h"

namespace pkg::venv {

std::string overwritten_folder(const Boundary& boundary) {
  return join_path(join_path(boundary.prefix(), ".pkg"), kOverwrittenName);
}

std::string overwritten_copy(const Boundary& boundary, std::string_view name, std::string_view path) {
  return cat(overwritten_folder(boundary), '/', name, '/', boundary.relative(path));
}

Result<Overwritten> Overwritten::read(const Boundary& boundary) {
  Overwritten result;
  const std::string folder = overwritten_folder(boundary);
  struct stat info;
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return result;
  std::vector<std::filesystem::path> files;
  PKG_TRY(list_files(folder, files));
  for (const auto& file : files) {
    const std::string_view below = std::string_view(file.native()).substr(folder.size() + 1);
    const auto slash = below.find('/');
    if (slash == std::string_view::npos) continue;
    const auto name = below.substr(0, slash);
    if (!pep::is_valid_name(name) || pep::normalize_name(name) != name) continue;
    result.paths[std::string(name)].insert(boundary.absolute(below.substr(slash + 1)));
  }
  return result;
}

bool Overwritten::has(std::string_view name, const std::string& path) const {
  const auto found = paths.find(name);
  return found != paths.end() && found->second.contains(path);
}

RecordedHash RecordedHash::of(std::string_view hash) {
  const auto said = pep::split_record_hash(hash);
  if (!said) return {};
  std::string_view digest = said->digest_base64url;
  while (digest.ends_with('=')) digest.remove_suffix(1);
  return {std::string(said->algorithm), std::string(digest)};
}

bool holds_recorded(int at, const std::string& name, const RecordedHash& recorded) {
  const auto algorithm = hash::algorithm_from_name(recorded.algorithm);
  const fs::Fd fd(::openat(at, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info;
  if (!algorithm || !fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  hash::Hasher hasher(*algorithm);
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return hash::to_base64url(hasher.finish()) == recorded.digest;
    hasher.update(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

}  // namespace pkg::venv
