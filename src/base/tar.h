#pragma once
// Members of a tar archive, through libarchive (opened on first use), headers checked first. See
// docs/concepts/promises.md#sdists.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::tar {

struct Member {
  std::string name;  // UTF-8, relative, '/'-separated, no "..", no trailing '/'
  enum class Kind { file, directory, symlink, hard_link } kind = Kind::file;
  std::string link_target;  // symlink: relative, stays inside the archive's top folder; hard_link: the name of a file
                            // that came before
  bool executable = false;
  bool is_repeated = false;  // a file of this name came before: whoever takes it compares the content
  std::uint64_t size = 0;
  std::int64_t mtime = 0;  // unix seconds; 0: unknown
};

enum class Compression { none, gzip, bzip2, xz, zstd };
// By the ending of a source archive (".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar"); nullopt: none
// that may be one.
std::optional<Compression> compression_of(std::string_view file_name);

using TakeMember = std::function<Status(const Member&, std::string_view content)>;
// Calls `member` for each member in order, with the content of files. bad_data: devices, hard links to what is no
// earlier file, sparse files, absolute names, names that are in each other's way, more than 200,000 members, bombs
// (more than 64 MiB and 50 times the archive), data behind the end.
Status read(const std::string& path, Compression compression, const TakeMember& member);

}  // namespace pkg::tar
