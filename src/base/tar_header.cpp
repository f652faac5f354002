#include "base/tar_header.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::tar::format {
namespace {

constexpr std::uint64_t kBeyondOctal = std::uint64_t{1}
                                       << 33;  // eleven octal digits: a writer of more leaves the field zero

constexpr std::uint64_t kLatestTime = std::uint64_t{1} << 34;  // the year 2514

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }

std::string_view until_nul(std::string_view field) { return field.substr(0, field.find('\0')); }

// Octal digits between spaces and NULs, or GNU's big-endian binary, marked by the top bit.
std::optional<std::uint64_t> number(std::string_view field) {
  std::uint64_t value = 0;
  if (static_cast<unsigned char>(field[0]) == 0x80) {
    for (const char c : field.substr(1)) {
      if (value >> 55 != 0) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
  }
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  field = until_nul(field);
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  for (const char c : field) {
    if (c < '0' || c > '7' || value >> 60 != 0) return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// The sum of the bytes with the checksum's own field as spaces; some old writers added signed bytes.
bool checksum_fits(std::string_view block) {
  std::int64_t plain = 0;
  std::int64_t with_signs = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = i >= 148 && i < 156 ? ' ' : block[i];
    plain += static_cast<unsigned char>(c);
    with_signs += static_cast<signed char>(c);
  }
  const auto stated = number(block.substr(148, 8));
  return stated && (static_cast<std::int64_t>(*stated) == plain || static_cast<std::int64_t>(*stated) == with_signs);
}

struct Record {
  std::string_view key, value;
};

// "LENGTH KEY=VALUE\n", where the length counts all of it. Shortens `records`.
Result<Record> next_record(std::string_view& records) {
  const auto space = records.substr(0, 8).find(' ');
  const auto length = space != std::string_view::npos ? parse_u64(records.substr(0, space)) : std::nullopt;
  if (!length || *length > records.size() || *length < space + 3) return bad("the archive has a malformed pax header");
  const auto record = records.substr(space + 1, *length - space - 1);
  const auto equals = record.find('=');
  if (record.back() != '\n' || equals == std::string_view::npos || equals == 0)
    return bad("the archive has a malformed pax header");
  records.remove_prefix(*length);
  return Record{record.substr(0, equals), record.substr(equals + 1, record.size() - equals - 2)};
}

bool is_sparse_key(std::string_view key) { return key.substr(0, 11) == "GNU.sparse."; }

template <class T>
Status say(std::optional<T>& field, T value) {
  if (field) return bad("the archive can be read in two ways: an extension header says the same thing twice");
  field = std::move(value);
  return ok_status();
}

}  // namespace

bool is_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

Result<Header> parse_header(std::string_view block) {
  if (!checksum_fits(block)) return bad("the archive has a header with a wrong checksum");
  const auto mode = number(block.substr(100, 8));
  const auto size = number(block.substr(124, 12));
  if (!mode || !size) return bad("the archive has a header with a malformed number");
  Header header;
  header.name = until_nul(block.substr(0, 100));
  header.link_target = until_nul(block.substr(157, 100));
  header.type = block[156] == '\0' ? '0' : block[156];
  header.size = *size;
  header.mode = static_cast<std::uint32_t>(*mode & 07777);
  const auto mtime = number(block.substr(136, 12));
  header.mtime = mtime && *mtime <= kLatestTime ? static_cast<std::int64_t>(*mtime) : 0;
  const auto prefix = until_nul(block.substr(345, 155));
  const bool is_posix = block.substr(257, 6) == std::string_view("ustar\0", 6);  // GNU keeps other things there
  if (is_posix && !prefix.empty()) header.name = cat(prefix, '/', header.name);
  return header;
}

Status Extension::add(char type, std::string_view content) {
  if (type == 'x') return add_pax(content);
  return say(type == 'L' ? path : link_target, std::string(until_nul(content)));
}

Status Extension::add_pax(std::string_view records) {
  while (!records.empty()) {
    PKG_TRY_ASSIGN(const Record record, next_record(records));
    if (is_sparse_key(record.key)) return bad("the archive has a sparse file");
    if (record.key == "hdrcharset" && record.value == "BINARY") return bad("the archive has names that are no UTF-8");
    if (record.key == "path") PKG_TRY(say(path, std::string(record.value)));
    if (record.key == "linkpath") PKG_TRY(say(link_target, std::string(record.value)));
    if (record.key == "mtime") add_mtime(record.value);
    if (record.key != "size") continue;
    const auto value = parse_u64(record.value);
    if (!value) return bad("the archive has a malformed size in a pax header");
    PKG_TRY(say(size, *value));
  }
  return ok_status();
}

// "1700000000.25". What is no such number says nothing: a time decides nothing.
void Extension::add_mtime(std::string_view value) {
  const auto seconds = parse_u64(value.substr(0, value.find('.')));
  if (seconds && *seconds <= kLatestTime) mtime = static_cast<std::int64_t>(*seconds);
}

Status Extension::apply(Header& header) const {
  if (mtime) header.mtime = *mtime;
  if (path) header.name = *path;
  // Before ustar a folder was a file whose name ends in a slash: the whole name, not what of it has room in the header.
  if (header.type == '0' && header.name.ends_with('/')) header.type = '5';
  if (link_target) header.link_target = *link_target;
  if (!size || *size == header.size) return ok_status();
  // What the header cannot hold is zero there. Otherwise a reader that does not know pax would go on at another place.
  if (header.size != 0 || *size < kBeyondOctal)
    return bad(cat("the archive can be read in two ways: two sizes for ", quote(header.name)));
  header.size = *size;
  return ok_status();
}

Status check_global(std::string_view records) {
  while (!records.empty()) {
    PKG_TRY_ASSIGN(const Record record, next_record(records));
    if (record.key == "path" || record.key == "linkpath" || record.key == "size" || record.key == "hdrcharset" ||
        is_sparse_key(record.key))
      return bad(cat("the archive has a global pax header about ", quote(record.key)));
  }
  return ok_status();
}

}  // namespace pkg::tar::format
