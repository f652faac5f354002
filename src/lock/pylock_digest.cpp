#include "lock/pylock_digest.h"

#include <string_view>

#include "base/hash.h"
#include "base/text.h"
#include "lock/pylock.h"

namespace pkg::lock {
namespace {

constexpr std::string_view kDigestKey = "digest = \"sha256:";
constexpr std::size_t kHexSize = 64;

// The digest line at the end of `text`: its hex digits, and `text` is what they are of. Empty: there is none.
std::string_view take_digest_line(std::string_view& text) {
  constexpr std::size_t kLineSize = kDigestKey.size() + kHexSize + 2;
  if (text.size() <= kLineSize) return {};
  const auto line = text.substr(text.size() - kLineSize);
  if (!line.starts_with(kDigestKey) || !line.ends_with("\"\n") || text[text.size() - kLineSize - 1] != '\n') return {};
  text.remove_suffix(kLineSize);
  return line.substr(kDigestKey.size(), kHexSize);
}

std::string find_inputs_digest(std::string_view text) {
  const auto digest = take_digest_line(text);
  if (digest.empty()) return {};
  constexpr std::string_view kKey = "\ninputs-digest = \"";
  const auto table = text.rfind("\n[tool.pkg]\n");
  if (table == std::string_view::npos) return {};
  const auto key = text.find(kKey, table);
  if (key == std::string_view::npos) return {};
  const auto begin = key + kKey.size();
  const auto end = text.find_first_of("\"\\\n", begin);
  if (end == std::string_view::npos || text[end] != '"') return {};
  if (hash::to_hex(hash::sha256(text)) != digest) return {};
  return std::string(text.substr(begin, end - begin));
}

}  // namespace

void append_digest_line(std::string& text) {
  const std::string digest = hash::to_hex(hash::sha256(text));
  append(text, kDigestKey, digest, "\"\n");
}

std::string quick_inputs_digest(std::string_view text) {
  // Git may have given the file the line ends of Windows.
  if (text.ends_with("\r\n")) return find_inputs_digest(replace_all(text, "\r\n", "\n"));
  return find_inputs_digest(text);
}

}  // namespace pkg::lock
