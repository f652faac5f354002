#include "base/dir_reader.h"

#include <dirent.h>

#include <cerrno>

namespace pkg::fs {

std::optional<DirEntry> DirReader::next() {
  while (true) {
    if (at_ == filled_) {
      const auto got = ::getdents64(folder_, buffer_.data(), buffer_.size());
      if (got < 0) error_ = errno;
      if (got <= 0) return std::nullopt;
      at_ = 0;
      filled_ = static_cast<std::size_t>(got);
    }
    const auto* const entry = reinterpret_cast<const dirent64*>(buffer_.data() + at_);
    at_ += entry->d_reclen;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return DirEntry{name, entry->d_type};
  }
}

}  // namespace pkg::fs
