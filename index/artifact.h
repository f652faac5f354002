#pragma once
// The bytes of a file on their way from the network: counted, hashed, and kept in memory or, beyond a budget, in an
// unnamed temporary file.
//
// Wheels are unpacked right after they came, so they need no name on disk; and creating and removing named files is
// expensive (docs/internals/performance.md).

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/result.h"
#include "pep/dist_file.h"

namespace pkg::index {

// Memory that all running downloads share. Threads: any.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t bytes) : left_(bytes) {}
  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> left_;
};

// Bytes that can be appended to and read in one piece: anonymous memory, or an unnamed file that is mapped to be read.
// Goes back to the system with the object, budget included.
class Storage {
 public:
  Storage(std::shared_ptr<MemoryBudget> budget, fs::Path tmp_folder);
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage();
  // Errors of these: io, from the file that takes what memory does not hold.
  Status reserve(std::uint64_t bytes);  // what will come, as far as known
  Status append(std::string_view bytes);
  void clear();
  Result<std::string_view> view();           // all that was appended; until the next append
  void let_go(std::string_view part) const;  // of the view: its content is lost, its memory goes back to the system
  void keep() { is_kept_ = true; }           // somebody else reads it, too: nothing is let go from now on
  std::uint64_t size() const { return size_; }

 private:
  Status grow_memory(std::uint64_t capacity);
  Status move_to_file();
  void unmap();

  const std::shared_ptr<MemoryBudget> budget_;
  const fs::Path tmp_folder_;
  char* memory_ = nullptr;
  std::uint64_t mapped_ = 0, size_ = 0;
  std::atomic<bool> is_kept_ = false;
  fs::Fd file_;
};

// The whole content of a downloaded and checked file.
class Artifact {
 public:
  Artifact(std::shared_ptr<Storage> storage, std::string_view bytes, std::string sha256)
      : storage_(std::move(storage)), bytes_(bytes), sha256_(std::move(sha256)) {}
  std::string_view bytes() const { return bytes_; }      // valid as long as a copy of this Artifact lives
  const std::string& sha256() const { return sha256_; }  // 32 raw bytes
  void let_go(std::string_view part) const {
    storage_->let_go(part);
  }  // of bytes() that nobody will read again. Threads: any
  // What keeps bytes(), for somebody who reads them later, or meanwhile: let_go() does nothing any more.
  std::shared_ptr<const void> shared() const {
    storage_->keep();
    return storage_;
  }

 private:
  std::shared_ptr<Storage> storage_;
  std::string_view bytes_;
  std::string sha256_;
};

// Takes the bytes of one file as they come. Not for several threads at once.
class ArtifactWriter {
 public:
  // Every strong hash of `file` is checked (where there is none, the weak ones), and its size. `verify` false: hashes
  // are not.
  ArtifactWriter(const pep::DistFile& file, bool verify, std::shared_ptr<MemoryBudget> budget, fs::Path tmp_folder);
  Status append(std::string_view bytes);  // hash_mismatch as soon as more came than announced
  void expect(std::uint64_t bytes);       // so many will come, somebody says: makes room
  void restart();                         // forget what came
  std::uint64_t received() const { return storage_->size(); }
  Result<Artifact> finish();  // hash_mismatch: too short, or another hash; the writer is spent

 private:
  Error mismatch(std::string_view what, const std::string& expected, const std::string& got) const;

  const pep::DistFile& file_;
  const bool verify_;
  std::shared_ptr<Storage> storage_;
  std::vector<std::pair<pep::FileHash, hash::Hasher>> checks_;  // announced hashes that count, other than sha256
  std::optional<hash::Hasher> sha256_;
};

}  // namespace pkg::index
