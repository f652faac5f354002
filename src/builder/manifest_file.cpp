#include "builder/manifest_file.h"

#include <utility>

#include "base/fs.h"
#include "base/limits.h"

namespace pkg::builder {

Result<std::optional<std::string>> read_if_there(const std::filesystem::path& path) {
  auto text = fs::read_file_at_most(path, limits::kText);
  if (text) return std::optional<std::string>(std::move(text).value());
  if (text.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return std::move(text).error();
}

}  // namespace pkg::builder
