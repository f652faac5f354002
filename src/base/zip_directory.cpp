// The end of an archive: end records, and the entries of the central directory.
#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"
#include "base/zip_format.h"
#include "base/zstd.h"

namespace pkg::zip::format {
namespace {

constexpr std::uint64_t kMostInflation = 1032;  // no deflate stream gives more bytes per byte
constexpr std::uint64_t kMostOfNothing = 16;    // what a deflater makes of no bytes, with room to spare
constexpr std::uint16_t kZip64Extra = 0x0001, kUnicodePathExtra = 0x7075;

Error need_more(std::uint64_t from, std::uint64_t* needed_from) {
  if (needed_from != nullptr) *needed_from = from;
  return make_error(ErrorKind::not_found, cat("the archive is needed from byte ", from, " on"));
}

// Offset in `tail` of the one end record whose comment ends with the archive; npos: none.
Result<std::size_t> find_end_record(std::string_view tail) {
  const char signature[4] = {'P', 'K', 5, 6};
  std::size_t found = std::string_view::npos;
  std::size_t at = tail.size() > kEndSize + kLongestComment ? tail.size() - kEndSize - kLongestComment : 0;
  for (at = tail.find({signature, 4}, at); at != std::string_view::npos; at = tail.find({signature, 4}, at + 1)) {
    if (tail.size() - at < kEndSize || at + kEndSize + u16_at(tail, at + 20) != tail.size()) continue;
    if (found != std::string_view::npos) return bad("the archive can be read in two ways: it has two end records");
    found = at;
  }
  return found;
}

// [4.3.14, 4.3.15] Every field that the short end record gives itself must be the same here.
Result<Location> read_end64(std::string_view tail, std::uint64_t tail_offset, std::size_t end_at,
                            std::uint64_t* needed_from) {
  const std::size_t locator = end_at - kLocator64Size;
  const std::uint64_t locator_offset = tail_offset + locator;
  const std::uint64_t record_offset = u64_at(tail, locator + 8);
  if (u32_at(tail, locator + 4) != 0 || u32_at(tail, locator + 16) > 1) return bad("the archive spans several disks");
  if (locator_offset < kEnd64Size || record_offset != locator_offset - kEnd64Size)
    return bad("the archive's zip64 locator does not point at the record before it");
  if (record_offset < tail_offset) return need_more(record_offset, needed_from);
  const auto record = tail.substr(record_offset - tail_offset, kEnd64Size);
  if (u32_at(record, 0) != kEnd64Signature || u64_at(record, 4) != kEnd64Size - 12)
    return bad("the archive's zip64 end record is malformed");
  if (u32_at(record, 16) != 0 || u32_at(record, 20) != 0 || u64_at(record, 24) != u64_at(record, 32))
    return bad("the archive spans several disks");
  const Location location{.offset = u64_at(record, 48), .size = u64_at(record, 40), .entries = u64_at(record, 32)};
  const auto entries = u16_at(tail, end_at + 10);
  const auto size = u32_at(tail, end_at + 12);
  const auto offset = u32_at(tail, end_at + 16);
  if ((entries != 0xFFFF && entries != location.entries) || (size != kSeeZip64 && size != location.size) ||
      (offset != kSeeZip64 && offset != location.offset))
    return bad("the archive can be read in two ways: its end records disagree");
  // By subtraction: the numbers are anybody's.
  if (location.offset > record_offset || location.size != record_offset - location.offset)
    return bad("the archive's central directory does not end where its end record begins");
  return location;
}

// Fields in the order of [4.5.3]; a writer may leave out those that the header has itself, or give all of them, if they
// are the same.
Result<Sizes> apply_zip64(std::string_view field, std::string_view name, Sizes header, bool has_offset) {
  std::uint64_t* const values[3] = {&header.size, &header.compressed_size, &header.offset};
  const std::size_t count = has_offset ? 3 : 2;
  const auto referring =
      static_cast<std::size_t>(std::count_if(values, values + count, [](auto* value) { return *value == kSeeZip64; }));
  if (field.size() == referring * 8) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (*values[i] != kSeeZip64) continue;
      *values[i] = u64_at(field, at);
      at += 8;
    }
    return header;
  }
  if (field.size() < referring * 8 || field.size() > 28 || (field.size() % 8 != 0 && field.size() != 28))
    return bad_entry(name, "has a malformed zip64 extra field");
  for (std::size_t i = 0; i < count; ++i) {
    const bool refers = *values[i] == kSeeZip64;
    if (field.size() < (i + 1) * 8) {
      if (refers) return bad_entry(name, "has a zip64 extra field that lacks a value");
      continue;
    }
    const auto value = u64_at(field, i * 8);
    if (!refers && value != *values[i])
      return bad_entry(name, "can be read in two ways: its zip64 extra field and its header disagree");
    *values[i] = value;
  }
  return header;
}

// Info-ZIP's: version, CRC of the header's name, the name in UTF-8.
Status check_unicode_path(std::string_view field, std::string_view name) {
  if (field.size() < 5 || field[0] != 1 || field.substr(5) != name)
    return bad_entry(name, "can be read in two ways: an extra field gives it another name");
  return ok_status();
}

Status check_kind(const Entry& entry, std::uint32_t attributes) {
  const auto mode = static_cast<mode_t>(attributes >> 16);
  const auto type = mode & S_IFMT;
  if (type != 0 && type != S_IFREG && type != S_IFDIR)
    return bad_entry(entry.name, type == S_IFLNK ? "is a link" : "is neither a file nor a folder");
  const bool says_folder = type == S_IFDIR || (type == 0 && (attributes & 0x10) != 0);
  if (says_folder && !entry.is_directory())
    return bad_entry(entry.name, "can be read in two ways: it is a folder by its attributes and a file by its name");
  if (entry.is_directory() && (entry.size != 0 || entry.crc32 != 0 || entry.compressed_size > kMostOfNothing))
    return bad_entry(entry.name, "is a folder with content");
  return ok_status();
}

Status check_sizes(const Entry& entry, std::uint64_t archive_size) {
  if (entry.compressed_size > archive_size || entry.header_offset > archive_size)
    return bad_entry(entry.name, "lies outside the archive");
  if (entry.stored && entry.size != entry.compressed_size) return bad_entry(entry.name, "is stored, yet has two sizes");
  if (!entry.stored && entry.size / (entry.zstd ? kMostZstdExpansion : kMostInflation) > entry.compressed_size)
    return bad_entry(entry.name, cat("cannot unpack to ", entry.size, " bytes from ", entry.compressed_size));
  return ok_status();
}

Status check_flags(const Central& central, std::uint16_t method, std::uint16_t disk) {
  const auto& name = central.entry.name;
  if ((central.flags & (kEncrypted | kStronglyEncrypted | kHeadersMasked)) != 0) return bad_entry(name, "is encrypted");
  if ((central.flags & kPatched) != 0) return bad_entry(name, "is a patch");
  if (method != kStored && method != kDeflated && method != kZstd)
    return bad_entry(name, cat("is compressed by method ", method, "; only stored, deflate and zstd are known"));
  if (disk != 0) return bad_entry(name, "lies on another disk");
  return ok_status();
}

// [4.3.12] One entry from the front of `bytes`, which is shortened by it.
Result<Central> parse_entry(std::string_view& bytes, std::uint64_t archive_size) {
  if (bytes.size() < kCentralSize || u32_at(bytes, 0) != kCentralSignature)
    return bad("the archive's central directory is malformed");
  const std::size_t name_length = u16_at(bytes, 28);
  const std::size_t extra_length = u16_at(bytes, 30);
  const std::size_t comment_length = u16_at(bytes, 32);
  if (bytes.size() - kCentralSize < name_length + extra_length + comment_length)
    return bad("the archive's central directory is cut off");
  const auto name = bytes.substr(kCentralSize, name_length);
  const std::uint16_t method = u16_at(bytes, 10);
  const std::uint32_t attributes = u32_at(bytes, 38);
  Central central;
  central.flags = u16_at(bytes, 8);
  PKG_TRY(check_name(name, (central.flags & kUtf8) != 0));
  PKG_TRY_ASSIGN(const Sizes sizes, read_extra(bytes.substr(kCentralSize + name_length, extra_length), name,
                                               {u32_at(bytes, 24), u32_at(bytes, 20), u32_at(bytes, 42)}, true));
  Entry& entry = central.entry;
  entry.name = name;
  entry.compressed_size = sizes.compressed_size;
  entry.size = sizes.size;
  entry.header_offset = sizes.offset;
  entry.crc32 = u32_at(bytes, 16);
  entry.stored = method == kStored;
  entry.zstd = method == kZstd;
  entry.executable = ((attributes >> 16) & 0111) != 0 && !entry.is_directory();
  PKG_TRY(check_flags(central, method, u16_at(bytes, 34)));
  PKG_TRY(check_kind(entry, attributes));
  PKG_TRY(check_sizes(entry, archive_size));
  bytes.remove_prefix(kCentralSize + name_length + extra_length + comment_length);
  return central;
}

Status check_bomb(std::span<const Central> entries, std::uint64_t archive_size, const Limits& limits) {
  if (limits.allow_bombs) return ok_status();
  std::uint64_t total = 0;
  for (const Central& central : entries)
    total = central.entry.size > UINT64_MAX - total ? UINT64_MAX : total + central.entry.size;
  if (total <= limits.bomb_size_bytes || total / limits.bomb_ratio <= archive_size) return ok_status();
  return make_error(ErrorKind::bad_data, cat("the archive of ", archive_size, " bytes would unpack to ", total,
                                             ", more than ", limits.bomb_ratio, " times its size"));
}

}  // namespace

Result<Sizes> read_extra(std::string_view extra, std::string_view name, Sizes header, bool has_offset) {
  std::optional<std::string_view> zip64;
  while (extra.size() >= 4) {  // fewer bytes at the end are padding, as alignment tools leave it
    const auto id = u16_at(extra, 0);
    const std::size_t length = u16_at(extra, 2);
    if (length > extra.size() - 4) return bad_entry(name, "has a malformed extra field");
    const auto field = extra.substr(4, length);
    if (id == kZip64Extra && zip64) return bad_entry(name, "has two zip64 extra fields");
    if (id == kZip64Extra) zip64 = field;
    if (id == kUnicodePathExtra) PKG_TRY(check_unicode_path(field, name));
    extra.remove_prefix(4 + length);
  }
  if (zip64) return apply_zip64(*zip64, name, header, has_offset);
  if (header.size == kSeeZip64 || header.compressed_size == kSeeZip64 || (has_offset && header.offset == kSeeZip64))
    return bad_entry(name, "refers to a zip64 extra field that is not there");
  return header;
}

Result<Location> locate_directory(std::string_view tail, std::uint64_t archive_size, std::uint64_t* needed_from) {
  if (tail.size() > archive_size) return bad("the archive is shorter than was announced");
  const std::uint64_t tail_offset = archive_size - tail.size();
  PKG_TRY_ASSIGN(const std::size_t end_at, find_end_record(tail));
  if (end_at == std::string_view::npos) {
    const std::uint64_t most = std::min<std::uint64_t>(archive_size, kEndSize + kLongestComment);
    if (tail.size() < most) return need_more(archive_size - most, needed_from);
    return bad("this is no zip archive, or it is cut off: there is no end record");
  }
  const auto end = tail.substr(end_at);
  if (end_at < kLocator64Size && tail_offset > 0)
    return need_more(tail_offset - std::min<std::uint64_t>(tail_offset, kLocator64Size + kEnd64Size), needed_from);
  Location location{.offset = u32_at(end, 16), .size = u32_at(end, 12), .entries = u16_at(end, 10)};
  if (end_at >= kLocator64Size && u32_at(tail, end_at - kLocator64Size) == kLocator64Signature) {
    PKG_TRY_ASSIGN(location, read_end64(tail, tail_offset, end_at, needed_from));
  } else {
    const std::uint64_t end_offset = tail_offset + end_at;
    if (location.offset > end_offset || location.size != end_offset - location.offset)
      return bad(
          "the archive's central directory does not end where its end record begins: data before or after it, or cut "
          "off");
  }
  if (u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != u16_at(end, 10))
    return bad("the archive spans several disks");
  if (location.offset < tail_offset) return need_more(location.offset, needed_from);
  return location;
}

Result<std::vector<Central>> parse_directory(std::string_view bytes, const Location& location,
                                             std::uint64_t archive_size, const Limits& limits) {
  if (location.entries > limits.entries)
    return bad(cat("the archive has ", location.entries, " entries, more than the ", limits.entries, " allowed"));
  if (location.entries > bytes.size() / kCentralSize) return bad("the archive's central directory is cut off");
  std::vector<Central> entries;
  entries.reserve(location.entries);
  for (std::uint64_t i = 0; i < location.entries; ++i) {
    PKG_TRY_ASSIGN(auto entry, parse_entry(bytes, archive_size));
    entries.push_back(std::move(entry));
  }
  if (!bytes.empty())
    return bad("the archive's central directory holds more than the entries counted in its end record");
  PKG_TRY(check_bomb(entries, archive_size, limits));
  return entries;
}

}  // namespace pkg::zip::format
