#include "base/dir_reader.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "base/os.h"

namespace pkg::fs {
namespace {

// As the kernel writes them (getdents64), each as long as it says.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t size;
  std::uint8_t type;
  char name[1];  // ends with a zero
};

}  // namespace

std::optional<DirEntry> DirReader::next() {
  while (true) {
    if (at_ == filled_) {
      const auto got = os::read_entries(folder_, buffer_.data(), buffer_.size());
      if (got < 0) error_ = errno;
      if (got <= 0) return std::nullopt;
      at_ = 0;
      filled_ = static_cast<std::size_t>(got);
    }
    const auto* const entry = reinterpret_cast<const Entry*>(buffer_.data() + at_);
    at_ += entry->size;
    const std::string_view name = &entry->name[0];
    if (name != "." && name != "..") return DirEntry{name, entry->type};
  }
}

}  // namespace pkg::fs
