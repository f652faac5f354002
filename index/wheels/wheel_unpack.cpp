#include "index/wheels/wheel_unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/thrown.h"

namespace pkg::index {
namespace {

// One thread's portion: files of one folder, so that threads rarely wait for each other's folder lock, and folders are
// opened once.
struct Portion {
  std::size_t first = 0, count = 0;
};
constexpr std::size_t kPortionFiles = 64;
constexpr std::uint64_t kPortionBytes = 512u << 10;
constexpr std::size_t kKeptBufferBytes = 1u << 20;
constexpr std::uint64_t kWorthLettingGo = 16u << 10;  // a system call each

std::vector<Portion> portions_of(std::span<const WheelFile> files) {
  std::vector<Portion> portions;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool fits = !portions.empty() && files[portions.back().first].dir == files[i].dir &&
                      portions.back().count < kPortionFiles && bytes + files[i].entry->size <= kPortionBytes;
    if (!fits) {
      portions.push_back({i, 0});
      bytes = 0;
    }
    ++portions.back().count;
    bytes += files[i].entry->size;
  }
  return portions;
}

class Unpacking {
 public:
  Unpacking(const zip::Reader& archive, WheelLayout& layout, fs::Fd root, const fs::Path& folder, RecordCheck check,
            ReadForGood read_for_good)
      : archive_(archive),
        layout_(layout),
        root_(std::move(root)),
        folder_(folder),
        check_(check),
        read_for_good_(std::move(read_for_good)),
        portions_(portions_of(layout.files)) {
    auto& dirs = layout_.manifest.dirs;
    for (auto& dir : dirs) dir.files.clear();
    place_.reserve(layout_.files.size());
    for (const auto& file : layout_.files) {
      place_.push_back(dirs[file.dir].files.size());
      dirs[file.dir].files.emplace_back();
    }
  }

  Status make_dirs() {
    // Folders of .data need their parents, which are no folders of the manifest.
    for (const auto& dir : layout_.manifest.dirs)
      if (!dir.store_path.empty()) PKG_TRY(make_dir(dir.store_path));
    return ok_status();
  }

  // Takes portions until none is left.
  void work() {
    std::string buffer;
    for (std::size_t i = next_++; i < portions_.size(); i = next_++) {
      if (!failed_.load(std::memory_order_relaxed)) {
        const auto go = [&] {
          if (auto done = unpack(portions_[i], buffer); !done) fail(std::move(done).error());
        };
        run_guarded(go, [this](Error error) { fail(std::move(error)); });
        if (buffer.capacity() > kKeptBufferBytes) std::string().swap(buffer);
      }
      finish_one();
    }
  }

  void wait() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return done_ == portions_.size(); });
  }

  std::size_t portions() const { return portions_.size(); }
  std::optional<Error>& error() { return error_; }
  bool all_matched() const { return !mismatch_; }

 private:
  Status make_dir(const std::string& path) {
    if (::mkdirat(root_.get(), path.c_str(), 0777) == 0 || errno == EEXIST) return ok_status();
    if (errno == ENOENT) {
      const auto slash = path.rfind('/');
      if (slash != std::string::npos) {
        PKG_TRY(fs::make_dirs(folder_ / path));
        return ok_status();
      }
    }
    return fs::errno_error("cannot make the folder", folder_ / path, errno);
  }

  Status unpack(const Portion& portion, std::string& buffer) {
    const auto dir_index = layout_.files[portion.first].dir;
    auto& dir = layout_.manifest.dirs[dir_index];
    const char* path = dir.store_path.empty() ? "." : dir.store_path.c_str();
    const fs::Fd dir_fd(::openat(root_.get(), path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!dir_fd) return fs::errno_error("cannot open", folder_ / dir.store_path, errno);
    for (std::size_t i = portion.first; i < portion.first + portion.count; ++i) {
      const auto& file = layout_.files[i];
      PKG_TRY_ASSIGN(const auto content, archive_.read_into(*file.entry, buffer));
      auto& row = dir.files[place_[i]];
      row.name = file.name;
      row.size = content.size();
      row.executable = file.entry->executable || dir.scheme == pep::Scheme::scripts;  // some are made on Windows
      row.python_shebang = dir.scheme == pep::Scheme::scripts && content.starts_with("#!python");
      const auto digest = hash::sha256(content);
      row.sha256 = digest;
      PKG_TRY(compare(file, content, digest));
      PKG_TRY_ASSIGN(row.mtime_ns, write(dir_fd.get(), dir, row, content));
      if (read_for_good_ && file.entry->compressed_size >= kWorthLettingGo)
        read_for_good_(archive_.stored_bytes(*file.entry));
    }
    return ok_status();
  }

  Status compare(const WheelFile& file, std::string_view content, const std::string& sha256) {
    if (file.row == nullptr || file.row->digest_base64url.empty()) return ok_status();
    const auto algorithm = hash::algorithm_from_name(file.row->algorithm);
    const auto expected = hash::from_base64url(file.row->digest_base64url);
    const bool same = algorithm && expected &&
                      (*algorithm == hash::Algorithm::sha256 ? sha256 : hash::digest(*algorithm, content)) == *expected;
    if (same) return ok_status();
    mismatch_ = true;
    if (check_ == RecordCheck::relaxed) return ok_status();
    return make_error(ErrorKind::bad_data,
                      cat("its file ", quote(file.entry->name), " is not the one its RECORD lists: the ",
                          file.row->algorithm, " is another than ", quote(file.row->digest_base64url)));
  }

  Result<std::int64_t> write(int dir_fd, const pep::ManifestDir& dir, const pep::ManifestFile& row,
                             std::string_view content) {
    const auto path = [&] { return folder_ / dir.store_path / row.name; };
    fs::Fd fd(::openat(dir_fd, row.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       row.executable ? 0755 : 0644));
    if (!fd) return fs::errno_error("cannot create", path(), errno);
    PKG_TRY(fs::write_all(fd.get(), content, row.name));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fs::errno_error("cannot look at", path(), errno);
    PKG_TRY(fd.close(row.name));
    return static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec;
  }

  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    failed_ = true;
  }

  void finish_one() {
    const std::lock_guard lock(mutex_);
    if (++done_ == portions_.size()) all_done_.notify_all();
  }

  const zip::Reader& archive_;
  WheelLayout& layout_;
  const fs::Fd root_;
  const fs::Path& folder_;
  const RecordCheck check_;
  const ReadForGood read_for_good_;
  const std::vector<Portion> portions_;
  std::vector<std::size_t> place_;  // of each file within its folder's list
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false}, mismatch_{false};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::size_t done_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Status unpack_wheel(const zip::Reader& archive, WheelLayout& layout, const fs::Path& folder, RecordCheck check,
                    TaskPool& pool, const ReadForGood& read_for_good) {
  PKG_TRY_ASSIGN(auto root, fs::open_directory(folder));
  const auto unpacking = std::make_shared<Unpacking>(archive, layout, std::move(root), folder, check, read_for_good);
  PKG_TRY(unpacking->make_dirs());
  // A helper that comes late finds nothing left to take, and touches nothing but the object it shares.
  const auto portions = unpacking->portions();
  const auto helpers = portions == 0 ? 0 : std::min(pool.threads(), portions - 1);
  for (std::size_t i = 0; i < helpers; ++i)
    pool.submit([unpacking] { unpacking->work(); }, [](const Error&) {});  // work() throws nothing
  unpacking->work();
  unpacking->wait();
  if (unpacking->error()) return *std::move(unpacking->error());
  layout.manifest.record_verified = layout.record_complete && unpacking->all_matched();
  return ok_status();
}

}  // namespace pkg::index
