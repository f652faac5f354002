// pip's configuration files: any text gives entries of named sections or an error; written out, they are read as the
// same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "cli/config/ini.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const auto entries = cli::parse_ini(std::string_view(reinterpret_cast<const char*>(data), size), "pip.conf");
  if (!entries.ok()) return 0;
  std::string text;
  for (const auto& entry : *entries) {
    PKG_CHECK(!entry.section.empty());
    PKG_CHECK(cli::canonical_key(entry.key) == entry.key);
    // Dashes in front of a key do not count; without one, a key might look like a comment or a section.
    append(text, '[', entry.section, "]\n-", entry.key, "= ", replace_all(entry.value, "\n", "\n  "), '\n');
  }
  const auto again = cli::parse_ini(text, "pip.conf");
  PKG_CHECK(again.ok() && again->size() == entries->size());
  for (std::size_t i = 0; i < again->size(); ++i) PKG_CHECK((*again)[i].value == (*entries)[i].value);
  return 0;
}
