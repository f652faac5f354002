#include "venv/redirect.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::venv {

Result<std::filesystem::path> follow_redirect(const std::filesystem::path& place) {
  struct stat status {};
  if (::stat(place.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return place;
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(place, limits::kOneLine));
  const auto line = trim(text);
  if (line.empty() || line.find_first_of(std::string_view("\n\r\0", 3)) != std::string_view::npos) {
    return make_error(ErrorKind::bad_data,
                      cat(quote(place.native()), " is a file, and not one line with the path of an environment"),
                      "remove it, or make an environment elsewhere: pkg venv DIR");
  }
  auto target = (place.parent_path() / line).lexically_normal();
  return target.has_filename() ? target : target.parent_path();
}

}  // namespace pkg::venv
