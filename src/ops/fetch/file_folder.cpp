#include "ops/fetch/file_folder.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hash_file.h"
#include "base/tasks.h"
#include "base/text.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kTransfers = 16;  // at a time; each holds a thread that waits

const pep::FileHash* strong_hash(const pep::DistFile& file) {
  if (const auto* sha256 = file.sha256()) return sha256;
  const auto found =
      std::ranges::find_if(file.hashes, [](const pep::FileHash& h) { return hash::is_strong(h.algorithm); });
  return found == file.hashes.end() ? nullptr : &*found;
}

// Is it, byte for byte, what the index announced? Without an announcement: false.
bool is_it(const stdfs::path& path, const pep::DistFile& file) {
  const auto* wanted = strong_hash(file);
  std::error_code failed;
  if (wanted == nullptr || !stdfs::is_regular_file(stdfs::symlink_status(path, failed)) || failed) return false;
  if (file.size_bytes && stdfs::file_size(path, failed) != *file.size_bytes) return false;
  const auto digest = hash::hex_of_file(path, wanted->algorithm);
  return digest && *digest == wanted->hex;
}

Status check_required(const pep::DistFile& file, const FileInFolder& there,
                      const std::vector<pep::FileHash>& required) {
  std::vector<std::string> expected;
  for (const auto& hash : required) {
    if (hash.algorithm == hash::Algorithm::sha256 && hash.hex == there.sha256_hex) return ok_status();
    if (hash.algorithm != hash::Algorithm::sha256 && hash::is_strong(hash.algorithm)) {
      PKG_TRY_ASSIGN(const auto digest, hash::hex_of_file(there.path, hash.algorithm));
      if (digest == hash.hex) return ok_status();
    }
    expected.push_back(cat(hash::name(hash.algorithm), " ", hash.hex));
  }
  return make_error(ErrorKind::hash_mismatch, cat(quote(file.file_name), " has none of the required hashes: expected ",
                                                  join(expected, " or "), ", got sha256 ", there.sha256_hex));
}

// A second name for the file where the file system has such, else a copy.
bool taken_from(const stdfs::path& from, const stdfs::path& to) {
  std::error_code failed;
  stdfs::remove(to, failed);
  stdfs::create_hard_link(from, to, failed);
  if (!failed) return true;
  stdfs::copy_file(from, to, stdfs::copy_options::overwrite_existing, failed);
  return !failed;
}

Result<FileInFolder> put(const pep::DistFile& file, const RequiredHashes& required, const stdfs::path& folder,
                         const stdfs::path& from, index::Index& index, const Session& session) {
  FileInFolder there;
  there.path = folder / file.file_name;
  there.kept = is_it(there.path, file);
  const bool is_taken = !there.kept && !from.empty() && is_it(from / file.file_name, file) &&
                        taken_from(from / file.file_name, there.path);
  if (!there.kept && !is_taken) {
    PKG_TRY_ASSIGN(there.path,
                   index.download(file, folder).with([&] { return cat("while fetching ", quote(file.file_name)); }));
  }
  std::error_code failed;
  there.size_bytes = stdfs::file_size(there.path, failed);
  if (failed) return fs::errno_error("cannot look at", there.path, failed.value());
  const auto* announced = file.sha256();
  if (announced != nullptr && (there.kept || is_taken || session.settings().verify_hashes)) {
    there.sha256_hex = announced->hex;
  } else {
    PKG_TRY_ASSIGN(there.sha256_hex, hash::hex_of_file(there.path));
  }
  const auto hashes = required.find(file.project);
  if (hashes != required.end()) {
    if (auto checked = check_required(file, there, hashes->second); !checked) {
      if (!there.kept) stdfs::remove(there.path, failed);
      return std::move(checked).error();
    }
  }
  return there;
}

// Files of one name are one file, or there is no telling which is meant.
Status check_names(std::span<const pep::DistFile* const> files) {
  std::map<std::string, const pep::DistFile*> by_name;
  for (const auto* file : files) {
    if (file->file_name.empty() || file->file_name.starts_with('.') || file->file_name.find('/') != std::string::npos)
      return make_error(ErrorKind::bad_data, cat(quote(file->file_name), " is not a plain file name"));
    const auto [other, is_new] = by_name.emplace(file->file_name, file);
    const auto *one = strong_hash(*file), *two = strong_hash(*other->second);
    const bool differ = one != nullptr && two != nullptr && one->algorithm == two->algorithm && one->hex != two->hex;
    if (!is_new && differ)
      return make_error(ErrorKind::conflict, cat("there are two different files of the name ", quote(file->file_name)));
  }
  return ok_status();
}

}  // namespace

Result<std::vector<FileInFolder>> put_files(std::span<const pep::DistFile* const> files, const RequiredHashes& required,
                                            const stdfs::path& folder, const stdfs::path& from, Session& session) {
  std::vector<FileInFolder> result(files.size());
  if (files.empty()) return result;
  PKG_TRY(check_names(files));
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY(fs::make_dirs(folder));
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < files.size(); ++i) first.emplace(files[i]->file_name, i);
  std::atomic<bool> has_failed{false};
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> failure;  // of the earliest file
  parallel_for(files.size(), std::min(files.size(), kTransfers), [&](std::size_t i) {
    if (has_failed.load(std::memory_order_relaxed) || first.at(files[i]->file_name) != i) return;
    auto there = put(*files[i], required, folder, from, *index, session);
    if (there) {
      result[i] = std::move(there).value();
      return;
    }
    const std::lock_guard lock(mutex);
    if (!failure || i < failure->first) failure.emplace(i, std::move(there).error());
    has_failed.store(true, std::memory_order_relaxed);
  });
  if (failure) return std::move(failure->second);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (const auto at = first.at(files[i]->file_name); at != i) result[i] = result[at];
  }
  return result;
}

}  // namespace pkg::ops
