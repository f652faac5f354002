#pragma once
// The entries of an open folder, straight from the kernel: an eighth of opendir's system calls, no allocation.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pkg::fs {

struct DirEntry {
  std::string_view name;   // a zero follows it; valid until the next call
  unsigned char type = 0;  // DT_DIR, DT_REG, DT_LNK … or DT_UNKNOWN, where the file system does not say
};

class DirReader {
 public:
  explicit DirReader(int folder) : folder_(folder) {}  // a descriptor that stays the caller's
  // The next entry but "." and ".."; nullopt at the end, and when it cannot be read: then error() says why.
  std::optional<DirEntry> next();
  int error() const { return error_; }  // errno; 0: none

 private:
  int folder_, error_ = 0;
  std::size_t at_ = 0, filled_ = 0;
  alignas(8) std::array<char, 16 * 1024> buffer_;
};

}  // namespace pkg::fs
