#pragma once
// Write members below one folder and nowhere else (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg {

// bad_data: names that are not plain relative paths: empty, absolute, with ".", "..", empty or over-long (255)
// components, over 4096 bytes, NUL.
Status check_relative_path(std::string_view path);

// Threads: write_file may be called from several threads for different names; folders are made as needed and
// remembered.
class Extractor {
 public:
  static Result<Extractor> open(const std::string& root);  // root exists: else not_found; io
  Extractor(Extractor&&) noexcept;
  Extractor& operator=(Extractor&&) noexcept;
  ~Extractor();
  // Errors of the three: bad_data (check_relative_path) · unsupported (a link or a file is in the way of a folder) ·
  // io, also when the name is taken.
  Status make_dir(std::string_view path);
  Status write_file(std::string_view path, std::string_view content, int mode,
                    std::optional<std::int64_t> mtime = std::nullopt);  // O_EXCL. mtime: unix seconds; nullopt: now
  Status write_symlink(std::string_view path, std::string_view target);

 private:
  struct State;
  explicit Extractor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg
