#pragma once
// Archives of files as they are: .zip (stored), .tar, and .tar.gz whose gzip stores, too. Made for files that are
// compressed already: nothing is compressed, so writing is copying, and the same members give the same bytes on every
// machine.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::archive {

enum class Format : unsigned char { zip, tar, tar_gz };
std::optional<Format> format_of(std::string_view file_name);  // by its end: .zip, .tar, .tar.gz, .tgz

struct Member {
  std::string name;            // in the archive: relative, '/'-separated, UTF-8
  std::filesystem::path path;  // of the regular file with its content
};

// Writes `to`, which must not be there, with the members in this order; mode 0644, times of 1980 (zip) and 1970 (tar).
// io: also when a file changes its size meanwhile. What was written stays after an error.
Status write(const std::filesystem::path& to, Format format, std::span<const Member> members);

}  // namespace pkg::archive
