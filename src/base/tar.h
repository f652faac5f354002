#pragma once
// Members of a .tar.gz, through libarchive (opened on first use), headers checked first. See reliability.md, "sdist rules".

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::tar {

struct Member {
  std::string name;         // UTF-8, relative, '/'-separated, no "..", no trailing '/'
  enum class Kind { file, directory, symlink } kind = Kind::file;
  std::string link_target;  // relative, stays inside the archive's top folder
  bool executable = false;
  std::uint64_t size = 0;
};

// Calls `member` for each member in order, with the content of files. Devices, hard links, sparse files, duplicates, absolute names,
// more than 200,000 members are bad_data.
Status read_gz(const std::string& path, const std::function<Status(const Member&, std::string_view content)>& member);

}  // namespace pkg::tar
