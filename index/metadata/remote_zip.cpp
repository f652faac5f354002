#include "index/metadata/remote_zip.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kMinTail = 16u << 10, kMaxTail = 160u << 10, kUnknownSizeTail = 48u << 10;
constexpr std::uint64_t kBeforeDirectory =
    24u << 10;  // room for METADATA and its neighbours, in front of the central directory
constexpr std::uint64_t kMaxDirectory = 64u << 20, kMaxMetadata = 16u << 20;
constexpr int kMaxRounds = 5;

Error bad_remote_zip(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }

// Large wheels have many files, and a larger directory.
std::uint64_t tail_size(std::optional<std::uint64_t> archive_size) {
  if (!archive_size) return kUnknownSizeTail;
  return std::min(*archive_size, std::clamp(*archive_size / 64, kMinTail, kMaxTail));
}

bool is_metadata(std::string_view name) {
  const auto slash = name.find('/');
  return slash != std::string_view::npos && name.substr(slash) == "/METADATA" &&
         name.substr(0, slash).ends_with(".dist-info");
}

}  // namespace

std::string ByteRange::header_value() const {
  return first ? cat("bytes=", *first, "-", *first + count - 1) : cat("bytes=-", count);
}

std::optional<ContentRange> ContentRange::parse(std::string_view header_value) {
  const auto value = trim(header_value);
  const auto dash = value.find('-'), slash = value.find('/');
  if (value.size() < 6 || !equals_ignoring_case(value.substr(0, 6), "bytes ") || dash == std::string_view::npos ||
      slash == std::string_view::npos || dash > slash)
    return std::nullopt;
  const auto first = parse_u64(trim(value.substr(6, dash - 6)));
  const auto last = parse_u64(value.substr(dash + 1, slash - dash - 1));
  const auto total = parse_u64(value.substr(slash + 1));
  if (!first || !last || !total || *first > *last || *last >= *total) return std::nullopt;
  return ContentRange{*first, *last, *total};
}

RemoteMetadata::RemoteMetadata(std::optional<std::uint64_t> archive_size) {
  next_.count = std::max<std::uint64_t>(tail_size(archive_size), 1);
  if (archive_size && *archive_size > 0) next_.first = *archive_size - next_.count;
}

Result<std::optional<std::string>> RemoteMetadata::add(std::uint64_t first, std::uint64_t total, std::string bytes) {
  if (rounds_ == 0) total_ = total;
  if (total != total_) return bad_remote_zip(cat("the archive has ", total, " bytes now, and had ", total_, " before"));
  if (++rounds_ > kMaxRounds) return bad_remote_zip("its directory cannot be reached in a few steps");
  if (first > total || bytes.size() > total - first) return bad_remote_zip("more bytes came than the archive has");
  PKG_TRY(join(first, std::move(bytes)));
  if (!member_) PKG_TRY(read_directory());
  if (!member_) return std::optional<std::string>();
  return read_member();
}

Status RemoteMetadata::join(std::uint64_t first, std::string bytes) {
  const auto end = first + bytes.size();
  if (rounds_ > 1 && (!next_.first || first != *next_.first || bytes.size() != next_.count))
    return bad_remote_zip("other bytes came than were asked for");
  if (member_ || rounds_ == 1) {
    if (!member_ && end != total_) return bad_remote_zip("the bytes that came are not the archive's last");
    have_ = std::move(bytes);
  } else {
    bytes += have_;
    have_ = std::move(bytes);
  }
  have_from_ = first;
  return ok_status();
}

Status RemoteMetadata::ask(std::uint64_t first, std::uint64_t end) {
  next_ = ByteRange{first, end - first};
  return ok_status();
}

Status RemoteMetadata::read_directory() {
  std::uint64_t needed_from = 0;
  auto directory = zip::read_directory(have_, total_, &needed_from);
  if (!directory) {
    if (directory.error().kind != ErrorKind::not_found) return std::move(directory).error();
    if (needed_from >= have_from_ || have_from_ - needed_from > kMaxDirectory)
      return bad_remote_zip("its central directory is too large");
    return ask(needed_from - std::min(needed_from, kBeforeDirectory), have_from_);
  }
  for (const auto& entry : directory->entries) {
    if (!is_metadata(entry.name)) continue;
    if (member_) return bad_remote_zip("it has more than one METADATA");
    member_ = entry;
  }
  if (!member_) return bad_remote_zip("it has no METADATA");
  if (member_->compressed_size > kMaxMetadata || member_->size > kMaxMetadata)
    return bad_remote_zip("its METADATA is too large");
  // The member ends before the next one. A local header may carry a longer extra field than the directory tells.
  member_end_ = total_;
  for (const auto& entry : directory->entries)
    if (entry.header_offset > member_->header_offset) member_end_ = std::min(member_end_, entry.header_offset);
  const auto at_most = member_->compressed_size + member_->name.size() + 30 + 2 * 65'535 + 24;
  if (member_->header_offset >= total_) return bad_remote_zip("its METADATA lies beyond the archive's end");
  member_end_ = std::min(member_end_, member_->header_offset + at_most);
  return ok_status();
}

Result<std::optional<std::string>> RemoteMetadata::read_member() {
  const auto begin = member_->header_offset;
  if (begin < have_from_ || begin - have_from_ > have_.size()) {
    if (rounds_ > 1 && next_.first && *next_.first == begin) return bad_remote_zip("its METADATA did not come");
    PKG_TRY(ask(begin, member_end_));
    return std::optional<std::string>();
  }
  PKG_TRY_ASSIGN(auto text, zip::read_member(*member_, std::string_view(have_).substr(begin - have_from_)));
  return std::optional<std::string>(std::move(text));
}

}  // namespace pkg::index
