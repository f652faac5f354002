// Commands on one line: no crash; words that are quoted again are the same words.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/shell_words.h"
#include "base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto words = pkg::shell_words(text);
  if (!words.ok()) return 0;
  std::string again;
  for (const auto& word : *words) again += "'" + pkg::replace_all(word, "'", "'\\''") + "' ";
  const auto reread = pkg::shell_words(again);
  PKG_CHECK(reread.ok() && *reread == *words);
  return 0;
}
