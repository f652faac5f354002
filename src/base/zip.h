#pragma once
// Our own strict zip reader: an archive has one meaning or is refused (docs/internals/decisions/0003-strict-zip.md).
// Refused: local and central headers that disagree, overlapping or unlisted data, trailing or leading data, other
// methods than stored, deflate and zstd, encryption, links and devices, duplicate names (also after case of
// separators), absolute or `..` names, NUL and control bytes in names, backslashes, a wrong CRC or size. Zip64 is read.
// Data descriptors are accepted when they agree with the central directory.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::zip {

struct Entry {
  std::string name;  // UTF-8, '/'-separated; a folder ends in '/'
  std::uint64_t compressed_size = 0, size = 0;
  std::uint64_t header_offset = 0;
  std::uint32_t crc32 = 0;
  bool stored = false, zstd = false;  // neither: deflated
  bool executable = false;            // any x bit of the Unix mode
  bool is_directory() const { return !name.empty() && name.back() == '/'; }
};

struct Limits {
  std::uint64_t entries = 1'000'000;
  std::uint64_t bomb_size_bytes = 64u << 20;  // an archive that unpacks to more than this …
  std::uint64_t bomb_ratio = 50;              // … and to more than this times its own size is refused, unless
  bool allow_bombs = false;
};

// An archive in a file (mapped: nobody may truncate it while the reader lives) or in memory. Thread-safe for reading
// once open. Errors: bad_data; open() has not_found and io, too.
class Reader {
 public:
  static Result<Reader> open(const std::string& path, const Limits& limits = {});
  static Result<Reader> from_memory(std::string_view archive,
                                    const Limits& limits = {});  // `archive` outlives the reader
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  std::span<const Entry> entries() const;  // in central directory order
  const Entry* find(std::string_view name) const;
  // The entry's content; CRC and size checked.
  Result<std::string> read(const Entry& entry) const;
  // The same into a buffer that is grown as needed and can be reused; returns a view of it (or of the mapped archive
  // when stored).
  Result<std::string_view> read_into(const Entry& entry, std::string& buffer) const;
  std::string_view stored_bytes(const Entry& entry) const;  // where its content lies in the archive, as it is stored

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct Directory {
  std::vector<Entry> entries;
};
// For index/remote_zip: reads the central directory out of the last bytes of an archive of `archive_size` bytes.
// `tail` are its last bytes. not_found with the offset that is needed in `needed_from` when the tail is too short ·
// bad_data.
Result<Directory> read_directory(std::string_view tail, std::uint64_t archive_size, std::uint64_t* needed_from,
                                 const Limits& limits = {});
// The content of one entry from bytes that start at its local header. bad_data.
Result<std::string> read_member(const Entry& entry, std::string_view bytes_from_local_header);

}  // namespace pkg::zip
