#include "index/packed_page.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>

#include "base/hash.h"
#include "base/inflate.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/filename.h"

// The fixed beginning, little-endian:
//
//   0  magic   8  end of the table (u32)   12  CRC-32 of bytes 48 to there   16  fetched_at (i64)   24  max_age_s (i64)   32  size of it
//   all (u64) 40 zero    48 facts, then the table of versions
//
// Bytes 16 to 31 are rewritten in place and are in no checksum: they only say when to ask again.

namespace pkg::index {
namespace {

constexpr std::string_view kMagic = "pkgpage1";
constexpr std::size_t kFreshnessAt = 16, kBodyAt = 48;
constexpr std::size_t kFirstRead = 16u << 10;
constexpr std::size_t kReadAhead = 64u << 10;  // when releases are looked at one after the other
constexpr std::uint64_t kMaxFileBytes = 256u << 20;
constexpr int kMostOpenFiles = 512;  // beyond this descriptor number pages are read whole, so that large resolutions do not run out of them

enum ReleaseFlags : std::uint8_t { kHasWheel = 1, kHasSdist = 2, kAllYanked = 4 };
enum FileFlags : std::uint8_t { kWheel = 1, kYanked = 2, kMetadata = 4, kSize = 8, kUploadTime = 16, kEndsWithName = 32, kHasPrefix = 64 };
constexpr std::uint8_t kTextHash = 0x80;

// "https://host/first-folder/": what most URLs of one page begin with.
std::string common_prefix(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const auto path = url.find('/', scheme + 3);
  if (path == std::string::npos) return {};
  const auto folder = url.find('/', path + 1);
  return url.substr(0, (folder == std::string::npos ? path : folder) + 1);
}

void write_hashes(BinaryWriter& out, const Link::Hashes& hashes) {
  const auto is_known = [](const auto& hash) { return hash::algorithm_from_name(hash.first).has_value() && hash.second.size() <= 255; };
  const auto count = std::min<std::ptrdiff_t>(std::count_if(hashes.begin(), hashes.end(), is_known), 8);
  out.u8(static_cast<std::uint8_t>(count));
  auto left = count;
  for (const auto& hash : hashes) {
    if (left == 0) break;
    if (!is_known(hash)) continue;
    --left;
    const auto algorithm = *hash::algorithm_from_name(hash.first);
    const auto raw = hash::from_hex(hash.second);
    const bool is_digest = raw && raw->size() == hash::digest_size(algorithm);
    // What is no digest of its algorithm is kept: no file has that hash, and that is to be noticed.
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(algorithm) | (is_digest ? 0U : kTextHash)));
    const std::string& bytes = is_digest ? *raw : hash.second;
    out.u8(static_cast<std::uint8_t>(bytes.size()));
    out.bytes(bytes);
  }
}

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
    hashes.push_back({static_cast<hash::Algorithm>(algorithm), (tag & kTextHash) != 0 ? to_ascii_lower(bytes) : hash::to_hex(bytes)});
  }
  const auto strength = [](const pep::FileHash& hash) { return hash::is_strong(hash.algorithm) ? hash::digest_size(hash.algorithm) : 0; };
  if (hashes.size() > 1)
    std::stable_sort(hashes.begin(), hashes.end(), [&](const auto& a, const auto& b) { return strength(a) > strength(b); });
  return in.ok();
}

}  // namespace

std::optional<PageBuilder::Parsed> PageBuilder::parse(const std::string& file_name) const {
  if (file_name.ends_with(".whl")) {
    auto wheel = pep::WheelName::parse(file_name);
    if (!wheel || wheel->name != project_) return std::nullopt;
    return Parsed{pep::DistKind::wheel, std::move(wheel->version)};
  }
  if (!file_name.ends_with(".tar.gz") && !file_name.ends_with(".zip")) return std::nullopt;
  auto sdist = pep::SdistName::parse(file_name, &project_);
  if (!sdist || sdist->name != project_) return std::nullopt;
  return Parsed{pep::DistKind::sdist, std::move(sdist->version)};
}

PageBuilder::Group& PageBuilder::group(const pep::Version& version) {
  const auto [found, is_new] = by_version_.try_emplace(version, groups_.size());
  if (is_new) {
    groups_.emplace_back();
    groups_.back().version = version;
    groups_.back().text = version.to_string();
  }
  return groups_[found->second];
}

void PageBuilder::add(const Link& link) {
  const std::string* file_name = &link.file_name;
  auto parsed = parse(*file_name);
  if (!parsed && !link.announced_name.empty() && link.announced_name != link.file_name) {
    file_name = &link.announced_name;
    parsed = parse(*file_name);
  }
  if (!parsed) {
    ++skipped_;
    return;
  }
  auto& into = group(parsed->version);
  (parsed->kind == pep::DistKind::wheel ? into.has_wheel : into.has_sdist) = true;
  into.all_yanked = into.all_yanked && link.yanked.has_value();
  write_file(link, *file_name, into, parsed->kind);
}

void PageBuilder::write_file(const Link& link, const std::string& file_name, Group& group, pep::DistKind kind) {
  if (url_prefix_.empty()) url_prefix_ = common_prefix(link.url);
  std::string_view url = link.url;
  const bool has_prefix = !url_prefix_.empty() && url.starts_with(url_prefix_);
  if (has_prefix) url.remove_prefix(url_prefix_.size());
  const bool ends_with_name = url.ends_with(file_name);
  if (ends_with_name) url.remove_suffix(file_name.size());
  auto& out = group.files;
  out.u8(static_cast<std::uint8_t>((kind == pep::DistKind::wheel ? kWheel : 0) | (link.yanked ? kYanked : 0) |
                                   (link.has_metadata ? kMetadata : 0) | (link.size_bytes ? kSize : 0) |
                                   (link.upload_time ? kUploadTime : 0) | (ends_with_name ? kEndsWithName : 0) |
                                   (has_prefix ? kHasPrefix : 0)));
  out.text(file_name);
  out.text(url);
  write_hashes(out, link.hashes);
  out.text(link.requires_python);
  if (link.yanked) out.text(*link.yanked);
  if (link.has_metadata) write_hashes(out, link.metadata_hashes);
  if (link.size_bytes) out.u64(*link.size_bytes);
  if (link.upload_time) out.i64(*link.upload_time);
}

std::string PageBuilder::finish(PageFacts facts) {
  std::vector<std::size_t> order(groups_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return groups_[a].version > groups_[b].version; });
  BinaryWriter out;
  out.bytes(kMagic);
  out.u32(0);
  out.u32(0);
  out.i64(facts.fetched_at);
  out.i64(facts.max_age_s);
  out.u64(0);
  out.u64(0);
  out.u8(facts.found ? 1 : 0);
  for (const auto* text :
       {&facts.body_digest, &facts.etag, &facts.last_modified, &facts.url, &facts.index, &facts.status, &facts.status_reason, &url_prefix_})
    out.text(*text);
  out.u32(skipped_);
  out.u32(static_cast<std::uint32_t>(groups_.size()));
  std::uint32_t offset = 0;
  for (const auto i : order) {
    const auto& group = groups_[i];
    out.u8(static_cast<std::uint8_t>((group.has_wheel ? kHasWheel : 0) | (group.has_sdist ? kHasSdist : 0) |
                                     (group.all_yanked ? kAllYanked : 0)));
    out.u16(static_cast<std::uint16_t>(group.text.size()));
    out.bytes(group.text);
    out.u32(offset);
    out.u32(static_cast<std::uint32_t>(group.files.size()));
    out.u32(crc32(group.files.str()));
    offset += static_cast<std::uint32_t>(group.files.size());
  }
  const auto table_end = static_cast<std::uint32_t>(out.size());
  out.patch_u32(8, table_end);
  out.patch_u32(12, crc32(std::string_view(out.str()).substr(kBodyAt)));
  out.patch_u32(32, table_end + offset);
  for (const auto i : order) out.bytes(groups_[i].files.str());
  return out.take();
}

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
  in.seek(32);
  const auto size = in.u64();
  if (size > kMaxFileBytes || wanted > size) return nullptr;
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
         other.substr(32, 8) == mine.substr(32, 8);
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
  for (auto* text : {&facts_.body_digest, &facts_.etag, &facts_.last_modified, &facts_.url, &facts_.index, &facts_.status,
                     &facts_.status_reason, &url_prefix_})
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
    const auto flags = in.u8();
    const auto text = in.bytes(in.u16());
    const Block block{in.u32(), in.u32(), in.u32()};
    auto version = pep::Version::try_parse(text);
    if (!in.ok() || !version) return false;
    releases_.push_back({*std::move(version), (flags & kHasWheel) != 0, (flags & kHasSdist) != 0, (flags & kAllYanked) != 0});
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
    Bytes bytes = Bytes::of(goes_on ? static_cast<std::size_t>(std::min<std::uint64_t>(std::max(wanted, kReadAhead), size_ - at)) : wanted);
    PKG_TRY_ASSIGN(const auto got, fs::read_at(file_.get(), at, {bytes.owner.get(), bytes.text.size()}, path_));
    bytes.text = bytes.text.substr(0, got);
    window_ = std::move(bytes);
    window_at_ = at;
  }
  return Bytes{window_.owner, window_.text.substr(at - window_at_, wanted)};
}

namespace {
constexpr std::size_t kUsualFileBytes = 128;  // of a file's record
}

Result<std::vector<pep::DistFile>> PackedPage::files(std::size_t release) const {
  const auto all = releases();
  if (release >= all.size())
    return make_error(ErrorKind::internal, cat("there is no release number ", release, " of ", quote(project_.str())));
  PKG_TRY_ASSIGN(const auto bytes, block(blocks_[release]));
  std::vector<pep::DistFile> files;
  files.reserve(bytes.text.size() / kUsualFileBytes + 1);
  BinaryReader in(bytes.text);
  while (in.left() > 0) {
    auto file = read_file(in, all[release].version);
    if (!file) return make_error(ErrorKind::io, cat("the cached page of ", quote(project_.str()), " is malformed"));
    files.push_back(*std::move(file));
  }
  return files;
}

Status PackedPage::each_file_name(std::size_t release, const std::function<void(std::string_view)>& visit) const {
  const auto all = releases();
  if (release >= all.size())
    return make_error(ErrorKind::internal, cat("there is no release number ", release, " of ", quote(project_.str())));
  PKG_TRY_ASSIGN(const auto bytes, block(blocks_[release]));
  BinaryReader in(bytes.text);
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
    if (!in.ok()) return make_error(ErrorKind::io, cat("the cached page of ", quote(project_.str()), " is malformed"));
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
