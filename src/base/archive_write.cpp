#include "base/archive_write.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/inflate.h"
#include "base/text.h"

namespace pkg::archive {
namespace {

constexpr std::size_t kPiece = 1u << 20;
constexpr std::uint32_t kFull32 = 0xffffffff;

void put16(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 2; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put32(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put64(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

using Take = std::function<Status(std::string_view)>;

// The whole file, piece by piece. It must have the size that was announced of it.
Status read_pieces(const fs::Path& path, std::uint64_t size, const Take& take) {
  PKG_TRY_ASSIGN(const auto file, fs::open_regular(path));
  // One byte more than there should be: a file that grew is noticed.
  std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(size + 1, kPiece)));
  std::uint64_t at = 0;
  for (;;) {
    PKG_TRY_ASSIGN(const auto got, fs::read_at(file.get(), at, buffer, path));
    at += got;
    if (at > size) break;
    if (got > 0) PKG_TRY(take({buffer.data(), got}));
    if (got < buffer.size()) break;
  }
  if (at != size) return make_error(ErrorKind::io, cat(quote(path.native()), " changed while it was read"));
  return ok_status();
}

Result<std::uint64_t> size_of(const fs::Path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return fs::errno_error("cannot look at", path, failed.value());
  return static_cast<std::uint64_t>(size);
}

// --- tar (POSIX pax)

// `width` digits and a NUL.
void put_octal(std::string& header, std::size_t at, std::size_t width, std::uint64_t value) {
  for (std::size_t i = width; i-- > 0; value >>= 3) header[at + i] = static_cast<char>('0' + (value & 7));
}

std::string tar_header(std::string_view name, std::uint64_t size, char type) {
  std::string header(512, '\0');
  std::ranges::copy(name.substr(0, 100), header.begin());
  put_octal(header, 100, 7, 0644);
  put_octal(header, 108, 7, 0);
  put_octal(header, 116, 7, 0);
  put_octal(header, 124, 11, std::min<std::uint64_t>(size, 077777777777));
  put_octal(header, 136, 11, 0);
  std::ranges::fill(header.begin() + 148, header.begin() + 156, ' ');
  header[156] = type;
  constexpr std::string_view kMagic{"ustar\00000", 8};
  std::ranges::copy(kMagic, header.begin() + 257);
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(header, 148, 6, sum);
  header[154] = '\0';
  return header;
}

// "27 path=some/name\n": the number counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + cat(length).size()) length = rest + cat(length).size();
  return cat(length, " ", key, "=", value, "\n");
}

std::string padding(std::uint64_t size) { return std::string((512 - size % 512) % 512, '\0'); }

Status write_tar(std::span<const Member> members, const Take& take) {
  for (const auto& member : members) {
    PKG_TRY_ASSIGN(const auto size, size_of(member.path));
    std::string extended;
    if (member.name.size() > 100) extended += pax_record("path", member.name);
    if (size > 077777777777) extended += pax_record("size", cat(size));
    if (!extended.empty())
      PKG_TRY(take(tar_header("pax_header", extended.size(), 'x') + extended + padding(extended.size())));
    PKG_TRY(take(tar_header(member.name, size, '0')));
    PKG_TRY(read_pieces(member.path, size, take));
    PKG_TRY(take(padding(size)));
  }
  return take(std::string(1024, '\0'));
}

// gzip (RFC 1952) of stored blocks (RFC 1951).
class StoredGzip {
 public:
  explicit StoredGzip(Take take) : take_(std::move(take)) {}

  Status begin() { return take_(std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10)); }
  Status add(std::string_view bytes) {
    crc_ = crc32(bytes, crc_);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const auto block = bytes.substr(0, 0xffff);
      PKG_TRY(take_(block_header(block.size(), false)));
      PKG_TRY(take_(block));
      bytes.remove_prefix(block.size());
    }
    return ok_status();
  }
  Status end() {
    auto tail = block_header(0, true);
    put32(tail, crc_);
    put32(tail, size_);
    return take_(tail);
  }

 private:
  static std::string block_header(std::size_t size, bool is_last) {
    std::string header(1, is_last ? '\1' : '\0');
    put16(header, size);
    put16(header, ~size);
    return header;
  }
  Take take_;
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

// --- zip (APPNOTE 6.3), zip64 where sizes and offsets ask for it

struct ZipEntry {
  const Member* member = nullptr;
  std::uint64_t size = 0, offset = 0;
  std::uint32_t crc = 0;
  bool is_large() const { return size >= kFull32 || offset >= kFull32; }
};

constexpr std::uint16_t kDate1980 = (1 << 5) | 1;

// What local and central headers share: from "version needed" to the extra field's length.
void put_common(std::string& out, const ZipEntry& entry, bool is_large_file, std::size_t extra) {
  put16(out, extra > 0 ? 45 : 20);
  put16(out, 1u << 11);  // UTF-8
  put16(out, 0);         // stored
  put16(out, 0);         // midnight
  put16(out, kDate1980);
  put32(out, entry.crc);
  put32(out, is_large_file ? kFull32 : entry.size);
  put32(out, is_large_file ? kFull32 : entry.size);
  put16(out, entry.member->name.size());
  put16(out, extra);
}

std::string local_header(const ZipEntry& entry) {
  const bool is_large = entry.size >= kFull32;
  std::string out = "PK\3\4";
  put_common(out, entry, is_large, is_large ? 20 : 0);
  out += entry.member->name;
  if (is_large) {
    put16(out, 1);
    put16(out, 16);
    put64(out, entry.size);
    put64(out, entry.size);
  }
  return out;
}

std::string central_header(const ZipEntry& entry) {
  const bool is_large_file = entry.size >= kFull32, is_far = entry.offset >= kFull32;
  const std::size_t fields = (is_large_file ? 16 : 0) + (is_far ? 8 : 0);
  std::string out = "PK\1\2";
  put16(out, (3 << 8) | (fields > 0 ? 45 : 20));  // made on Unix
  put_common(out, entry, is_large_file, fields > 0 ? fields + 4 : 0);
  put16(out, 0);  // comment
  put16(out, 0);  // disk
  put16(out, 0);  // internal attributes
  put32(out, std::uint64_t{0100644} << 16);
  put32(out, is_far ? kFull32 : entry.offset);
  out += entry.member->name;
  if (fields > 0) {
    put16(out, 1);
    put16(out, fields);
    if (is_large_file) put64(out, entry.size), put64(out, entry.size);
    if (is_far) put64(out, entry.offset);
  }
  return out;
}

std::string zip_end(std::uint64_t entries, std::uint64_t offset, std::uint64_t size) {
  std::string out;
  const bool is_large = entries >= 0xffff || offset >= kFull32 || size >= kFull32;
  if (is_large) {
    out += "PK\6\6";
    put64(out, 44);
    put16(out, (3 << 8) | 45);
    put16(out, 45);
    put32(out, 0);
    put32(out, 0);
    put64(out, entries);
    put64(out, entries);
    put64(out, size);
    put64(out, offset);
    out += "PK\6\7";
    put32(out, 0);
    put64(out, offset + size);
    put32(out, 1);
  }
  out += "PK\5\6";
  put16(out, 0);
  put16(out, 0);
  put16(out, std::min<std::uint64_t>(entries, 0xffff));
  put16(out, std::min<std::uint64_t>(entries, 0xffff));
  put32(out, std::min<std::uint64_t>(size, kFull32));
  put32(out, std::min<std::uint64_t>(offset, kFull32));
  put16(out, 0);
  return out;
}

Status write_zip(std::span<const Member> members, const Take& take) {
  std::uint64_t at = 0;
  const Take counted = [&](std::string_view bytes) {
    at += bytes.size();
    return take(bytes);
  };
  std::vector<ZipEntry> entries;
  for (const auto& member : members) {
    if (member.name.size() > 0xffff)
      return make_error(ErrorKind::bad_data, cat("the name ", quote(member.name), " is too long"));
    ZipEntry entry{&member, 0, at, 0};
    PKG_TRY_ASSIGN(entry.size, size_of(member.path));
    PKG_TRY(read_pieces(member.path, entry.size, [&](std::string_view bytes) {
      entry.crc = crc32(bytes, entry.crc);
      return ok_status();
    }));
    PKG_TRY(counted(local_header(entry)));
    PKG_TRY(read_pieces(member.path, entry.size, counted));
    entries.push_back(entry);
  }
  const auto offset = at;
  for (const auto& entry : entries) PKG_TRY(counted(central_header(entry)));
  return counted(zip_end(entries.size(), offset, at - offset));
}

}  // namespace

std::optional<Format> format_of(std::string_view file_name) {
  const auto lower = to_ascii_lower(file_name);
  if (lower.ends_with(".zip")) return Format::zip;
  if (lower.ends_with(".tar")) return Format::tar;
  if (lower.ends_with(".tar.gz") || lower.ends_with(".tgz")) return Format::tar_gz;
  return std::nullopt;
}

Status write(const std::filesystem::path& to, Format format, std::span<const Member> members) {
  PKG_TRY_ASSIGN(auto file, fs::create_file(to, 0666));
  std::string buffer;
  const auto flush = [&] {
    auto done = fs::write_all(file.get(), buffer, to);
    buffer.clear();
    return done;
  };
  const Take sink = [&](std::string_view bytes) {
    buffer += bytes;
    return buffer.size() < kPiece ? ok_status() : flush();
  };
  if (format == Format::zip) {
    PKG_TRY(write_zip(members, sink));
  } else if (format == Format::tar) {
    PKG_TRY(write_tar(members, sink));
  } else {
    StoredGzip gzip(sink);
    PKG_TRY(gzip.begin());
    PKG_TRY(write_tar(members, [&](std::string_view bytes) { return gzip.add(bytes); }));
    PKG_TRY(gzip.end());
  }
  PKG_TRY(flush());
  return file.close(to);
}

}  // namespace pkg::archive
