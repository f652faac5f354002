#include "index/artifact.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "base/url.h"
#include "pep/hash_strength.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kFirstCapacity = 256u << 10;
constexpr std::uint64_t kMaxReserved = 1u << 30;  // an announced size is not trusted with more

// An unnamed file: O_TMPFILE, or a named one that is unlinked at once where the file system has no such thing.
Result<fs::Fd> unnamed_file(const fs::Path& folder) {
  if (!fs::is_directory(folder)) PKG_TRY(fs::make_dirs(folder));
  fs::Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  std::string pattern = (folder / "download-XXXXXX").native();
  fs::Fd named(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!named) return fs::errno_error("cannot create a temporary file in", folder, errno);
  (void)::unlink(pattern.c_str());
  return named;
}

}  // namespace

bool MemoryBudget::take(std::uint64_t bytes) {
  auto left = left_.load(std::memory_order_relaxed);
  while (left >= bytes)
    if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
  return false;
}

Storage::Storage(std::shared_ptr<MemoryBudget> budget, fs::Path tmp_folder)
    : budget_(std::move(budget)), tmp_folder_(std::move(tmp_folder)) {}

Storage::~Storage() { unmap(); }

void Storage::unmap() {
  if (memory_ != nullptr) ::munmap(memory_, mapped_);
  if (memory_ != nullptr && !file_) budget_->give_back(mapped_);
  memory_ = nullptr;
  mapped_ = 0;
}

Status Storage::grow_memory(std::uint64_t capacity) {
  if (!budget_->take(capacity - mapped_)) return move_to_file();
  void* at = memory_ == nullptr ? ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                : ::mremap(memory_, mapped_, capacity, MREMAP_MAYMOVE);
  if (at == MAP_FAILED) {
    budget_->give_back(capacity - mapped_);
    return move_to_file();
  }
  memory_ = static_cast<char*>(at);
  mapped_ = capacity;
  return ok_status();
}

Status Storage::move_to_file() {
  PKG_TRY_ASSIGN(auto file, unnamed_file(tmp_folder_));
  if (size_ > 0) PKG_TRY(fs::write_all(file.get(), std::string_view(memory_, size_), tmp_folder_));
  unmap();
  file_ = std::move(file);
  return ok_status();
}

Status Storage::reserve(std::uint64_t bytes) {
  if (file_ || bytes <= mapped_ || bytes == 0) return ok_status();
  return bytes > kMaxReserved ? move_to_file() : grow_memory(bytes);
}

Status Storage::append(std::string_view bytes) {
  if (!file_ && size_ + bytes.size() > mapped_)
    PKG_TRY(grow_memory(std::max({size_ + bytes.size(), mapped_ * 2, kFirstCapacity})));
  if (file_) {
    unmap();
    PKG_TRY(fs::write_all(file_.get(), bytes, tmp_folder_));
  } else if (!bytes.empty()) {
    std::memcpy(memory_ + size_, bytes.data(), bytes.size());
  }
  size_ += bytes.size();
  return ok_status();
}

void Storage::clear() {
  size_ = 0;
  if (!file_) return;
  unmap();
  file_ = fs::Fd();
}

Result<std::string_view> Storage::view() {
  if (size_ == 0) return std::string_view();
  if (file_ && memory_ == nullptr) {
    void* at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.get(), 0);
    if (at == MAP_FAILED) return fs::errno_error("cannot map a temporary file in", tmp_folder_, errno);
    memory_ = static_cast<char*>(at);
    mapped_ = size_;
  }
  return std::string_view(memory_, size_);
}

void Storage::let_go(std::string_view part) const {
  if (is_kept_ || memory_ == nullptr || part.data() < memory_ || part.data() + part.size() > memory_ + mapped_) return;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = static_cast<std::uint64_t>(part.data() - memory_), end = begin + part.size();
  const auto first = (begin + page - 1) / page * page, last = end / page * page;  // whole pages
  if (first < last) (void)::madvise(memory_ + first, last - first, MADV_DONTNEED);
}

ArtifactWriter::ArtifactWriter(const pep::DistFile& file, bool verify, std::shared_ptr<MemoryBudget> budget,
                               fs::Path tmp_folder)
    : file_(file), verify_(verify), storage_(std::make_shared<Storage>(std::move(budget), std::move(tmp_folder))) {
  restart();
}

void ArtifactWriter::restart() {
  storage_->clear();
  sha256_.emplace(hash::Algorithm::sha256);
  checks_.clear();
  if (!verify_) return;
  for (const auto& announced : pep::hashes_that_count(file_.hashes))
    if (announced.algorithm != hash::Algorithm::sha256)
      checks_.emplace_back(announced, hash::Hasher(announced.algorithm));
}

void ArtifactWriter::expect(std::uint64_t bytes) {
  if (storage_->size() == 0 && !file_.size_bytes) (void)storage_->reserve(bytes);  // growing will tell what is wrong
}

Error ArtifactWriter::mismatch(std::string_view what, const std::string& expected, const std::string& got) const {
  if (!file_.locked_in.empty())
    return make_error(ErrorKind::hash_mismatch,
                      cat(quote(url::redact(file_.url)), " is not the file that ", quote(file_.locked_in),
                          " names: expected ", what, " ", expected, ", got ", got),
                      "if it was replaced on purpose, lock it again: pkg lock -P NAME; if not, do not install it");
  const auto index = file_.index.empty() ? std::string() : cat(" (announced by ", quote(file_.index), ")");
  return make_error(ErrorKind::hash_mismatch,
                    cat(quote(url::redact(file_.url)), " is not the announced file: expected ", what, " ", expected,
                        ", got ", got, index));
}

Status ArtifactWriter::append(std::string_view bytes) {
  if (storage_->size() == 0 && file_.size_bytes) PKG_TRY(storage_->reserve(*file_.size_bytes));
  if (file_.size_bytes && bytes.size() > *file_.size_bytes - std::min(*file_.size_bytes, storage_->size()))
    return mismatch("size", cat(*file_.size_bytes, " bytes"), "more");
  PKG_TRY(storage_->append(bytes));
  sha256_->update(bytes);
  for (auto& check : checks_) check.second.update(bytes);
  return ok_status();
}

Result<Artifact> ArtifactWriter::finish() {
  if (file_.size_bytes && storage_->size() != *file_.size_bytes)
    return mismatch("size", cat(*file_.size_bytes, " bytes"), cat(storage_->size(), " bytes"));
  auto digest = sha256_->finish();
  const auto hex = hash::to_hex(digest);
  for (const auto& announced : file_.hashes)
    if (verify_ && announced.algorithm == hash::Algorithm::sha256 && announced.hex != hex)
      return mismatch("sha256", announced.hex, hex);
  for (auto& [announced, hasher] : checks_) {
    const auto got = hash::to_hex(hasher.finish());
    if (got != announced.hex) return mismatch(hash::name(announced.algorithm), announced.hex, got);
  }
  PKG_TRY_ASSIGN(const auto bytes, storage_->view());
  return Artifact(std::move(storage_), bytes, std::move(digest));
}

}  // namespace pkg::index
