#include "lock/locked_name.h"

#include "base/url.h"

namespace pkg::lock {

std::string_view last_of_path(std::string_view path) {
  return path.substr(path.find_last_of("/\\") + 1);
}  // npos + 1 is 0

std::string implied_name(std::string_view url, std::string_view path) {
  return url.empty() ? std::string(last_of_path(path)) : url::file_name(url);
}

}  // namespace pkg::lock
