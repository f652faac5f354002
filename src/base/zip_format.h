#pragma once
// The parts of the zip reader, for zip*.cpp only. Layouts are those of PKWARE's APPNOTE 6.3.10, sections in brackets.
// Errors are bad_data; locate_directory besides has not_found.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/zip.h"

namespace pkg::zip::format {

constexpr std::uint32_t kLocalSignature = 0x04034b50;       // [4.3.7]
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;  // [4.3.9]
constexpr std::uint32_t kCentralSignature = 0x02014b50;     // [4.3.12]
constexpr std::uint32_t kEnd64Signature = 0x06064b50;       // [4.3.14]
constexpr std::uint32_t kLocator64Signature = 0x07064b50;   // [4.3.15]
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEnd64Size = 56, kLocator64Size = 20, kEndSize = 22;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint32_t kSeeZip64 = 0xFFFFFFFF;

constexpr std::uint16_t kEncrypted = 1u << 0, kHasDescriptor = 1u << 3, kPatched = 1u << 5,
                        kStronglyEncrypted = 1u << 6, kUtf8 = 1u << 11,
                        kHeadersMasked = 1u << 13;               // [4.4.4]
constexpr std::uint16_t kStored = 0, kDeflated = 8, kZstd = 93;  // [4.4.5]
inline std::uint16_t method_of(const Entry& entry) { return entry.stored ? kStored : entry.zstd ? kZstd : kDeflated; }

// A number at `at`; the caller has checked that it is there.
template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  return value;
}
inline std::uint16_t u16_at(std::string_view bytes, std::size_t at) { return number_at<std::uint16_t>(bytes, at); }
inline std::uint32_t u32_at(std::string_view bytes, std::size_t at) { return number_at<std::uint32_t>(bytes, at); }
inline std::uint64_t u64_at(std::string_view bytes, std::size_t at) { return number_at<std::uint64_t>(bytes, at); }

Error bad(std::string message);
Error bad_entry(std::string_view name, std::string_view why);

// One entry of the central directory with what is compared to its local header.
struct Central {
  Entry entry;
  std::uint16_t flags = 0;
};

// Where the central directory lies.
struct Location {
  std::uint64_t offset = 0, size = 0, entries = 0;
};
// `tail`: the last bytes of an archive of `archive_size` bytes. Asks for more through `needed_from`, as read_directory
// does.
Result<Location> locate_directory(std::string_view tail, std::uint64_t archive_size, std::uint64_t* needed_from);
// `bytes`: the central directory itself.
Result<std::vector<Central>> parse_directory(std::string_view bytes, const Location& location,
                                             std::uint64_t archive_size, const Limits& limits);

// Sizes and offset as the header has them; replaced by those of the zip64 extra field where the header refers to it
// [4.5.3].
struct Sizes {
  std::uint64_t size = 0, compressed_size = 0, offset = 0;
};
// Checks that extra fields are well-formed and that none gives the entry another name; resolves zip64. `has_offset` is
// false for local headers.
Result<Sizes> read_extra(std::string_view extra, std::string_view name, Sizes header, bool has_offset);

// What a local header and its descriptor take up; both agree with the central directory.
struct LocalLayout {
  std::uint64_t data_begin = 0;
};
// `bytes` begin at the local header. Everything but the descriptor.
Result<LocalLayout> check_local_header(std::string_view bytes, const Entry& entry,
                                       std::optional<std::uint16_t> central_flags);
// Local headers, data and descriptors fill [0, directory) without gap or overlap, and say what the central directory
// says.
Status check_layout(std::string_view archive, std::uint64_t directory_offset, std::span<const Central> entries);

// Plain relative UTF-8 names without control bytes and backslashes.
Status check_name(std::string_view name, bool declared_utf8);
// `/` sorts before everything, so that what lies in a folder follows the folder.
bool name_less(std::string_view a, std::string_view b);
// Indices of the entries sorted by name_less; refuses two entries of one name, and a file that is also a folder.
Result<std::vector<std::uint32_t>> sort_names(std::span<const Entry> entries);

// Unpacks what is not stored into exactly that many bytes. bad_data · unsupported: no library for zstd.
Status expand_exact(const Entry& entry, std::string_view data, std::span<char> into);
// Checked content. The view is of `data` or `buffer`.
Result<std::string_view> unpack(const Entry& entry, std::string_view data, std::string& buffer);

}  // namespace pkg::zip::format
