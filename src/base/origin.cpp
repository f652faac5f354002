#include "base/origin.h"

#include <algorithm>

#include "base/text.h"

namespace pkg {
namespace {

constexpr std::size_t kWidth = 120;  // bytes of a long line that are shown around the place

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string spaced(std::string_view text) { return printable(replace_all(text, "\t", " ")); }

std::size_t columns(std::string_view printed) {
  return static_cast<std::size_t>(
      std::count_if(printed.begin(), printed.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace

std::string Origin::to_string() const {
  if (file.empty()) return what;
  return line > 0 ? cat(file, ':', line) : file;
}

std::string caret(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t begin = 0;
  std::size_t end = text.size();
  if (text.size() > kWidth) {
    begin = offset > kWidth / 2 ? offset - kWidth / 2 : 0;
    end = std::min(text.size(), begin + kWidth);
    while (begin < offset && is_continuation(text[begin])) ++begin;
    while (end < text.size() && is_continuation(text[end])) ++end;
  }
  const std::string before = cat(begin > 0 ? "…" : "", spaced(text.substr(begin, offset - begin)));
  const std::string after = cat(spaced(text.substr(offset, end - offset)), end < text.size() ? "…" : "");
  return cat(before, after, '\n', std::string(columns(before), ' '), '^');
}

}  // namespace pkg
