#include "index/html_answer.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace pkg::index {

bool begins_like_html(std::string_view text) {
  const auto begin = to_ascii_lower(trim(text.substr(0, 512)).substr(0, 16));
  return begin.starts_with("<!doctype html") || begin.starts_with("<html");
}

Error told_of_html(std::string_view archive, Error error) {
  if (!begins_like_html(archive)) return error;
  auto told =
      make_error(ErrorKind::bad_data, "the file is an HTML page, and no archive",
                 "take the address of the file itself, not of a page about it; a login or a proxy may answer in "
                 "its place, too");
  told.context = std::move(error.context);
  return told;
}

Error told_of_html_file(const fs::Path& archive, Error error) {
  std::array<char, 512> begin{};
  std::error_code failed;
  const auto size = std::filesystem::file_size(archive, failed);
  const auto fd = fs::open_regular(archive);
  if (failed || !fd) return error;
  const auto count = static_cast<std::size_t>(std::min<std::uintmax_t>(size, begin.size()));
  if (!fs::read_at(fd->get(), 0, {begin.data(), count}, archive)) return error;
  return told_of_html(std::string_view(begin.data(), count), std::move(error));
}

}  // namespace pkg::index
