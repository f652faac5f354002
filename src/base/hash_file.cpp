#include "base/hash_file.h"

#include <vector>

namespace pkg::hash {

Result<std::string> hex_of_file(const fs::Path& path, Algorithm algorithm) {
  PKG_TRY_ASSIGN(const auto file, fs::open_regular(path));
  std::vector<char> buffer(1u << 18);
  Hasher hasher(algorithm);
  for (std::uint64_t at = 0;;) {
    PKG_TRY_ASSIGN(const auto got, fs::read_at(file.get(), at, buffer, path));
    hasher.update({buffer.data(), got});
    at += got;
    if (got < buffer.size()) return to_hex(hasher.finish());
  }
}

}  // namespace pkg::hash
