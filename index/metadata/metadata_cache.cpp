#include "index/metadata/metadata_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/binary.h"
#include "base/fs_refusal.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::index {
namespace {

// The file is kMagic, then records: u32 size and u32 CRC-32 of what follows · 32 bytes key · u8 kind · the text, or
// (u64) where the record with it is.
constexpr std::string_view kMagic = "pkgmeta1";
constexpr std::size_t kKeySize = 32, kPrefixSize = 8, kTextAt = kPrefixSize + kKeySize + 1;
constexpr std::uint8_t kText = 0, kReference = 1;
constexpr std::size_t kLookupsForTable = 16;
constexpr std::size_t kMaxTextBytes = 16u << 20;

std::string encode_record(std::string_view key, std::uint8_t kind, std::string_view body) {
  BinaryWriter payload;
  payload.bytes(key);
  payload.u8(kind);
  payload.bytes(body);
  BinaryWriter record;
  record.u32(static_cast<std::uint32_t>(payload.size()));
  record.u32(crc32(payload.str()));
  record.bytes(payload.str());
  return record.take();
}

std::string encode_offset(std::uint64_t offset) {
  BinaryWriter w;
  w.u64(offset);
  return w.take();
}

std::uint64_t key_head(std::string_view key) { return BinaryReader(key).u64(); }

}  // namespace

// One bundle as this process knows it. All members are called with the mutex held.
class MetadataBundle {
 public:
  explicit MetadataBundle(fs::Path path) : path_(std::move(path)) {}
  std::mutex mutex;

  std::optional<std::string> find(std::string_view key) {
    if (!loaded_) load();
    const auto at = newest(key);
    if (!at) return std::nullopt;
    const auto text = text_of(*at);
    if (!text) damaged_ = true;
    return text ? std::optional<std::string>(*text) : std::nullopt;
  }

  Status add(std::string_view key, std::string_view text) {
    PKG_TRY_ASSIGN(const fs::Fd file, open_locked());
    PKG_TRY(catch_up(file));
    if (const auto known = newest(key)) {
      const auto old = text_of(*known);
      if (old == text) return ok_status();
      if (!old) damaged_ = true;
    }
    if (damaged_) return rewrite_with(key, text);
    std::string addition;
    if (bytes_.empty()) addition = kMagic;
    const auto same = equal_text(text);
    addition += same ? encode_record(key, kReference, encode_offset(*same)) : encode_record(key, kText, text);
    PKG_TRY(fs::write_all(file.get(), addition, path_));
    const auto from = bytes_.empty() ? kMagic.size() : bytes_.size();
    bytes_ += addition;
    scan(from);
    return ok_status();
  }

 private:
  void load() {
    loaded_ = true;
    auto content = fs::read_file_at_most(path_, limits::kCached);
    take(content ? std::move(content).value() : std::string());
    if (!content && content.error().kind == ErrorKind::bad_data) damaged_ = true;
  }

  void take(std::string content) {
    bytes_ = std::move(content);
    slots_.clear();
    table_.clear();
    tabled_ = 0;
    texts_.clear();
    texts_known_until_ = 0;
    damaged_ = false;
    if (bytes_.empty()) return;
    if (std::string_view(bytes_).substr(0, kMagic.size()) != kMagic) {
      damaged_ = true;
      return;
    }
    scan(kMagic.size());
  }

  // Notes where each record is; checksums are looked at when a record is used.
  void scan(std::size_t at) {
    while (at < bytes_.size()) {
      const auto end = record_end(at);
      if (!end) {
        damaged_ = true;
        return;
      }
      slots_.push_back({key_head(key_at(at)), at});
      at = *end;
    }
  }

  std::optional<std::size_t> record_end(std::size_t at) const {
    BinaryReader r(bytes_);
    r.seek(at);
    const std::size_t size = r.u32();
    r.u32();
    if (!r.ok() || size <= kKeySize || size > r.left()) return std::nullopt;
    return at + kPrefixSize + size;
  }

  bool intact(std::size_t at) const {
    const auto end = record_end(at);
    if (!end) return false;
    BinaryReader r(bytes_);
    r.seek(at + 4);
    return r.u32() == crc32(std::string_view(bytes_).substr(at + kPrefixSize, *end - at - kPrefixSize));
  }

  std::string_view key_at(std::size_t at) const { return std::string_view(bytes_).substr(at + kPrefixSize, kKeySize); }

  std::optional<std::size_t> newest(std::string_view key) {
    if (key.size() != kKeySize) return std::nullopt;
    const auto head = key_head(key);
    if (++lookups_ > kLookupsForTable) {
      while (tabled_ < slots_.size()) table_[slots_[tabled_].head] = slots_[tabled_].at, ++tabled_;
      const auto at = table_.find(head);
      if (at == table_.end()) return std::nullopt;
      if (key_at(at->second) == key) return at->second;
    }
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot)
      if (slot->head == head && key_at(slot->at) == key) return slot->at;
    return std::nullopt;
  }

  std::uint8_t kind(std::size_t at) const { return static_cast<std::uint8_t>(bytes_[at + kTextAt - 1]); }
  std::string_view body(std::size_t at) const {
    return std::string_view(bytes_).substr(at + kTextAt, *record_end(at) - at - kTextAt);
  }

  std::optional<std::string_view> text_of(std::size_t at) const {
    if (!intact(at)) return std::nullopt;
    if (kind(at) == kText) return body(at);
    if (kind(at) != kReference || body(at).size() != 8) return std::nullopt;
    const auto target = BinaryReader(body(at)).u64();
    if (target < kMagic.size() || target >= at || !intact(target) || kind(target) != kText) return std::nullopt;
    return body(target);
  }

  std::optional<std::size_t> equal_text(std::string_view text) {
    for (auto at = texts_known_until_ == 0 ? kMagic.size() : texts_known_until_; at < bytes_.size();
         at = *record_end(at)) {
      if (kind(at) == kText) texts_.emplace(std::hash<std::string_view>{}(body(at)), at);
    }
    texts_known_until_ = bytes_.size();
    const auto [first, last] = texts_.equal_range(std::hash<std::string_view>{}(text));
    for (auto it = first; it != last; ++it)
      if (body(it->second) == text && intact(it->second)) return it->second;
    return std::nullopt;
  }

  // The bundle that is at the path now, locked: another process may have replaced it while we waited. Where the file
  // system has no locks, checksums find what two writers made of it.
  Result<fs::Fd> open_locked() const {
    for (;;) {
      fs::Fd file(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
      if (!file) return fs::errno_error("cannot open", path_, errno);
      while (::flock(file.get(), LOCK_EX) != 0 && !fs::means_no_locks(errno))
        if (errno != EINTR) return fs::errno_error("cannot lock", path_, errno);
      struct stat here {
      }, there{};
      if (::fstat(file.get(), &here) != 0) return fs::errno_error("cannot look at", path_, errno);
      if (::stat(path_.c_str(), &there) == 0 && here.st_ino == there.st_ino && here.st_dev == there.st_dev) return file;
    }
  }

  // Reads again what other processes wrote since we read.
  Status catch_up(const fs::Fd& file) {
    struct stat st {};
    if (::fstat(file.get(), &st) != 0) return fs::errno_error("cannot look at", path_, errno);
    const bool same = loaded_ && st.st_ino == inode_ && static_cast<std::uint64_t>(st.st_size) == bytes_.size();
    if (same) return ok_status();
    const bool was_damaged = damaged_;
    loaded_ = true;
    inode_ = st.st_ino;
    if (static_cast<std::uint64_t>(st.st_size) > limits::kCached) {
      take({});
      damaged_ = true;
      return ok_status();
    }
    std::string content(static_cast<std::size_t>(st.st_size), '\0');
    PKG_TRY_ASSIGN(const auto got, fs::read_at(file.get(), 0, content, path_));
    content.resize(got);
    take(std::move(content));
    damaged_ = damaged_ || was_damaged;
    return ok_status();
  }

  // A fresh bundle of all that can still be read, and the new text.
  Status rewrite_with(std::string_view key, std::string_view text) {
    MetadataBundle fresh(path_);
    fresh.loaded_ = true;
    fresh.bytes_ = kMagic;
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
      const auto old_key = key_at(slot->at);
      const auto old = text_of(slot->at);
      if (old && old_key != key && !fresh.newest(old_key)) fresh.append(old_key, *old);
    }
    fresh.append(key, text);
    PKG_TRY(fs::publish(path_, fresh.bytes_));
    take(std::move(fresh.bytes_));
    inode_ = 0;  // read once more before the next addition
    return ok_status();
  }

  void append(std::string_view key, std::string_view text) {
    const auto from = bytes_.size();
    const auto same = equal_text(text);
    bytes_ += same ? encode_record(key, kReference, encode_offset(*same)) : encode_record(key, kText, text);
    scan(from);
  }

  const fs::Path path_;
  bool loaded_ = false, damaged_ = false;
  std::uint64_t inode_ = 0;
  std::string bytes_;
  struct Slot {
    std::uint64_t head;
    std::size_t at;
  };
  std::vector<Slot> slots_;  // in the order of the file; looking through them once or twice beats building a table
  std::unordered_map<std::uint64_t, std::size_t> table_;  // head → newest record, for those who ask often
  std::size_t tabled_ = 0, lookups_ = 0;                  // tabled_: how many slots the table has
  std::unordered_multimap<std::size_t, std::size_t>
      texts_;  // hash of a text → its record; filled when something is added
  std::size_t texts_known_until_ = 0;
};

MetadataCache::MetadataCache(fs::Path folder) : folder_(std::move(folder)) {}
MetadataCache::~MetadataCache() = default;

std::shared_ptr<MetadataBundle> MetadataCache::bundle(const std::string& project) {
  const std::lock_guard lock(mutex_);
  auto& slot = bundles_[project];
  if (!slot) slot = std::make_shared<MetadataBundle>(folder_ / cat(project, ".bundle"));
  return slot;
}

std::optional<std::string> MetadataCache::find(const pep::Name& project, std::string_view key) {
  const auto b = bundle(project.str());
  const std::lock_guard lock(b->mutex);
  return b->find(key);
}

Status MetadataCache::add(const pep::Name& project, std::string_view key, std::string_view text) {
  if (key.size() != kKeySize || text.size() > kMaxTextBytes)
    return make_error(ErrorKind::internal, "not a record of the metadata cache");
  const auto b = bundle(project.str());
  const std::lock_guard lock(b->mutex);
  auto added = b->add(key, text);
  if (added || fs::exists(folder_)) return added;
  PKG_TRY(fs::make_dirs(folder_));
  return b->add(key, text);
}

}  // namespace pkg::index
