#pragma once
// The blocks of a tar archive, for tar*.cpp only: ustar (POSIX 1003.1), its pax extension records, and GNU's long
// names. Errors are bad_data: malformed, or an archive that can be read in two ways.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::tar::format {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kLongestExtension = 64 * 1024;

struct Header {
  std::string name, link_target;
  char type = '0';
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  std::int64_t mtime = 0;  // unix seconds; 0 where the field says nothing sensible
};

// `block` has kBlock bytes. Checks the checksum.
Result<Header> parse_header(std::string_view block);
bool is_zero(std::string_view bytes);

// What extension headers say about the member after them.
struct Extension {
  std::optional<std::string> path, link_target;
  std::optional<std::uint64_t> size;
  std::optional<std::int64_t> mtime;

  // `x` (pax), `L` and `K` (GNU). Nothing may be said twice.
  Status add(char type, std::string_view content);
  // What is said replaces what the header has; a size must be the same.
  Status apply(Header& header) const;

 private:
  Status add_pax(std::string_view records);
  void add_mtime(std::string_view value);
};

// A global pax header (`g`) may say what it likes about times and owners, and nothing about names and sizes.
Status check_global(std::string_view records);

}  // namespace pkg::tar::format
