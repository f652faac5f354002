#include "index/cache/packed_page.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/hash.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "base/text.h"
#include "index/cache/packed_format.h"

namespace pkg::index {

using namespace packed_format;

namespace {

constexpr std::size_t kFirstRead = 16u << 10;
constexpr std::size_t kUsualFileBytes = 128;   // of a file's record
constexpr std::size_t kReadAhead = 64u << 10;  // when releases are looked at one after the other
constexpr int kMostOpenFiles =
    512;  // beyond this descriptor number pages are read whole, so that large resolutions do not run out of them

void skip_hashes(BinaryReader& in) {
  const auto count = in.u8();
  for (int i = 0; i < count && in.ok(); ++i) {
    (void)in.u8();
    (void)in.bytes(in.u8());
  }
}

bool read_hashes(BinaryReader& in, std::vector<pep::FileHash>& hashes) {
  const auto count = in.u8();
  for (int i = 0; i < count && in.ok(); ++i) {
    const auto tag = in.u8();
    const auto bytes = in.bytes(in.u8());
    const auto algorithm = tag & ~unsigned{kTextHash};
    if (algorithm > static_cast<unsigned>(hash::Algorithm::md5)) return false;
    hashes.push_back({static_cast<hash::Algorithm>(algorithm),
                      (tag & kTextHash) != 0 ? to_ascii_lower(bytes) : hash::to_hex(bytes)});
  }
  const auto strength = [](const pep::FileHash& hash) {
    return hash::is_strong(hash.algorithm) ? hash::digest_size(hash.algorithm) : 0;
  };
  if (hashes.size() > 1)
    std::stable_sort(hashes.begin(), hashes.end(),
                     [&](const auto& a, const auto& b) { return strength(a) > strength(b); });
  return in.ok();
}

}  // namespace

std::shared_ptr<const PackedPage> PackedPage::from_bytes(pep::Name project, std::string bytes) {
  const auto size = bytes.size();
  std::shared_ptr<PackedPage> page(new PackedPage(std::move(project), std::move(bytes)));
  return page->read_head(size) ? page : nullptr;
}

std::shared_ptr<const PackedPage> PackedPage::from_file(pep::Name project, const fs::Path& path) {
  fs::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return nullptr;
  std::array<char, kFirstRead> first;
  auto got = fs::read_at(file.get(), 0, first, path);
  if (!got || *got < kBodyAt) return nullptr;
  std::string start(first.data(), *got);
  BinaryReader in(start);
  in.seek(8);
  std::uint64_t wanted = in.u32();  // the whole table is needed
  in.seek(kSizeAt);
  const auto size = in.u64();
  if (size > limits::kCached || wanted > size) return nullptr;
  if (file.get() > kMostOpenFiles) wanted = size;
  if (wanted > start.size()) {
    const auto had = start.size();
    start.resize(wanted);
    got = fs::read_at(file.get(), had, std::span(start).subspan(had), path);
    if (!got || *got != wanted - had) return nullptr;
  }
  std::shared_ptr<PackedPage> page(new PackedPage(std::move(project), std::move(start)));
  page->path_ = path;
  if (page->start_.size() < size) page->file_ = std::move(file);
  return page->read_head(size) ? page : nullptr;
}

bool PackedPage::is_in(const fs::Fd& file) const {
  std::string head(kBodyAt, '\0');
  const auto got = fs::read_at(file.get(), 0, head, path_);
  // Magic, size of the table and its checksum, which covers those of the blocks; then the size of all.
  const std::string_view mine = start_, other = head;
  return got && *got == kBodyAt && other.substr(0, kFreshnessAt) == mine.substr(0, kFreshnessAt) &&
         other.substr(kSizeAt, 8) == mine.substr(kSizeAt, 8);
}

void PackedPage::read_from(const fs::Path& path) const {
  (void)releases();  // the table is read while it is here
  fs::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || file.get() > kMostOpenFiles || !is_in(file)) return;
  const std::lock_guard lock(bytes_mutex_);
  file_ = std::move(file);
  path_ = path;
  std::string().swap(start_);
}

Status PackedPage::confirm(const fs::Path& path, std::int64_t fetched_at, std::int64_t max_age_s) {
  fs::Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) return fs::errno_error("cannot open", path, errno);
  BinaryWriter out;
  out.i64(fetched_at);
  out.i64(max_age_s);
  if (::pwrite(file.get(), out.str().data(), out.size(), kFreshnessAt) != static_cast<ssize_t>(out.size()))
    return fs::errno_error("cannot write", path, errno);
  return file.close(path);
}

bool PackedPage::read_head(std::uint64_t file_size) {
  BinaryReader in(start_);
  if (in.bytes(kMagic.size()) != kMagic) return false;
  table_end_ = in.u32();
  const auto checksum = in.u32();
  facts_.fetched_at = in.i64();
  facts_.max_age_s = in.i64();
  size_ = in.u64();
  if (size_ != file_size || table_end_ < kBodyAt || table_end_ > start_.size()) return false;
  const std::string_view whole = start_;
  if (crc32(whole.substr(kBodyAt, table_end_ - kBodyAt)) != checksum) return false;
  in = BinaryReader(whole.substr(0, table_end_));
  in.seek(kBodyAt);
  facts_.found = in.u8() != 0;
  for (auto* text : {&facts_.body_digest, &facts_.etag, &facts_.last_modified, &facts_.url, &facts_.index,
                     &facts_.status, &facts_.status_reason, &url_prefix_})
    text->assign(in.text());
  facts_.skipped = in.u32();
  table_at_ = in.at();
  return in.ok();
}

std::span<const ReleaseEntry> PackedPage::releases() const {
  std::call_once(table_once_, [this] {
    if (read_table()) return;
    releases_.clear();
    blocks_.clear();
  });
  return releases_;
}

bool PackedPage::read_table() const {
  BinaryReader in(std::string_view(start_).substr(0, table_end_));
  in.seek(table_at_);
  const auto count = in.u32();
  if (count > in.left()) return false;
  releases_.reserve(count);
  blocks_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto flags = in.u16();
    const auto text = in.bytes(in.u16());
    const Block block{in.u32(), in.u32(), in.u32()};
    auto version = pep::Version::try_parse(text);
    if (!in.ok() || !version) return false;
    releases_.push_back({*std::move(version), (flags & kHasWheel) != 0, (flags & kHasSdist) != 0,
                         (flags & kAllYanked) != 0, (flags & kHasVariants) != 0,
                         static_cast<pep::WheelSystems>(flags >> kSystemsShift & pep::kAllWheelSystems)});
    blocks_.push_back(block);
  }
  return true;
}

Result<PackedPage::Bytes> PackedPage::block(const Block& wanted) const {
  const std::lock_guard lock(bytes_mutex_);
  const auto damaged = [this] {
    if (!path_.empty()) (void)::unlink(path_.c_str());  // the next command asks the index again
    return make_error(ErrorKind::io, cat("the cached page of ", quote(project_.str()), " was damaged"),
                      "run the command again: the page is no longer cached");
  };
  const std::uint64_t at = static_cast<std::uint64_t>(table_end_) + wanted.offset;
  if (at + wanted.size > size_) return damaged();
  Bytes bytes;
  if (at + wanted.size <= start_.size()) {
    bytes = Bytes::of(wanted.size);
    std::copy_n(start_.data() + at, wanted.size, bytes.owner.get());
  } else {
    if (!file_) return damaged();
    PKG_TRY_ASSIGN(bytes, read_window(at, wanted.size));
  }
  if (bytes.text.size() != wanted.size || crc32(bytes.text) != wanted.checksum) return damaged();
  return bytes;
}

Result<PackedPage::Bytes> PackedPage::read_window(std::uint64_t at, std::size_t wanted) const {
  if (at < window_at_ || at + wanted > window_at_ + window_.text.size()) {
    const auto end = window_at_ + window_.text.size();
    const bool goes_on = end > 0 && at >= end && at - end < kReadAhead;
    Bytes bytes = Bytes::of(
        goes_on ? static_cast<std::size_t>(std::min<std::uint64_t>(std::max(wanted, kReadAhead), size_ - at)) : wanted);
    PKG_TRY_ASSIGN(const auto got, fs::read_at(file_.get(), at, {bytes.owner.get(), bytes.text.size()}, path_));
    bytes.text = bytes.text.substr(0, got);
    window_ = std::move(bytes);
    window_at_ = at;
  }
  return Bytes{window_.owner, window_.text.substr(at - window_at_, wanted)};
}

Error PackedPage::malformed() const {
  return make_error(ErrorKind::io, cat("the cached page of ", quote(project_.str()), " is malformed"));
}

Result<PackedPage::Parts> PackedPage::parts(std::size_t release) const {
  const auto all = releases();
  if (release >= all.size())
    return make_error(ErrorKind::internal, cat("there is no release number ", release, " of ", quote(project_.str())));
  Parts parts;
  PKG_TRY_ASSIGN(parts.bytes, block(blocks_[release]));
  parts.files = parts.bytes.text;
  if (!all[release].has_variants) return parts;
  BinaryReader in(parts.bytes.text);
  const auto size = in.u32();
  parts.files = in.bytes(size);
  if (!in.ok()) return malformed();
  parts.variants = parts.bytes.text.substr(in.at());
  return parts;
}

Result<std::vector<pep::DistFile>> PackedPage::files_in(std::string_view part, const pep::Version& version) const {
  std::vector<pep::DistFile> files;
  files.reserve(part.size() / kUsualFileBytes + 1);
  BinaryReader in(part);
  while (in.left() > 0) {
    auto file = read_file(in, version);
    if (!file) return malformed();
    files.push_back(*std::move(file));
  }
  return files;
}

Result<std::vector<pep::DistFile>> PackedPage::files(std::size_t release) const {
  PKG_TRY_ASSIGN(const auto found, parts(release));
  return files_in(found.files, releases()[release].version);
}

Result<VariantFiles> PackedPage::variants(std::size_t release) const {
  PKG_TRY_ASSIGN(const auto found, parts(release));
  VariantFiles variants;
  PKG_TRY_ASSIGN(variants.wheels, files_in(found.variants, releases()[release].version));
  const auto is_json = [](const pep::DistFile& file) { return file.kind != pep::DistKind::wheel; };
  if (const auto json = std::ranges::find_if(variants.wheels, is_json); json != variants.wheels.end())
    variants.json = *json;
  std::erase_if(variants.wheels, is_json);
  return variants;
}

Status PackedPage::each_file_name(std::size_t release, const std::function<void(std::string_view)>& visit) const {
  PKG_TRY_ASSIGN(const auto found, parts(release));
  BinaryReader in(found.files);
  while (in.left() > 0) {
    const auto flags = in.u8();
    const auto name = in.text();
    (void)in.text();  // the URL
    skip_hashes(in);
    (void)in.text();  // requires-python
    if ((flags & kYanked) != 0) (void)in.text();
    if ((flags & kMetadata) != 0) skip_hashes(in);
    if ((flags & kSize) != 0) (void)in.u64();
    if ((flags & kUploadTime) != 0) (void)in.i64();
    if (!in.ok()) return malformed();
    visit(name);
  }
  return ok_status();
}

std::optional<pep::DistFile> PackedPage::read_file(BinaryReader& in, const pep::Version& version) const {
  pep::DistFile file;
  const auto flags = in.u8();
  file.project = project_;
  file.version = version;
  file.kind = (flags & kWheel) != 0 ? pep::DistKind::wheel : pep::DistKind::sdist;
  file.file_name = in.text();
  const auto url = in.text();
  file.url = cat((flags & kHasPrefix) != 0 ? std::string_view(url_prefix_) : std::string_view(), url,
                 (flags & kEndsWithName) != 0 ? std::string_view(file.file_name) : std::string_view());
  if (!read_hashes(in, file.hashes)) return std::nullopt;
  file.requires_python = in.text();
  if ((flags & kYanked) != 0) file.yanked = in.text();
  file.has_metadata = (flags & kMetadata) != 0;
  if (file.has_metadata) {
    std::vector<pep::FileHash> hashes;
    if (!read_hashes(in, hashes)) return std::nullopt;
    if (!hashes.empty()) file.metadata_hash = std::move(hashes.front());
  }
  if ((flags & kSize) != 0) file.size_bytes = in.u64();
  if ((flags & kUploadTime) != 0) file.upload_time = in.i64();
  file.index = facts_.index;
  if (!in.ok()) return std::nullopt;
  return file;
}

}  // namespace pkg::index
