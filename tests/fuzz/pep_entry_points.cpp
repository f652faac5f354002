// entry_points.txt: no crash, and every script has a plain name.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/entry_points.h"
#include "pep/launcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const auto entries = parse_entry_points(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!entries.ok()) return 0;
  const auto scripts = scripts_of(*entries);
  if (!scripts.ok()) return 0;
  for (const Script& script : *scripts) {
    PKG_CHECK(script.name.find('/') == std::string::npos && script.name != "..");
    PKG_CHECK(launcher_text(script, "/p").starts_with("#!/p\n"));
  }
  return 0;
}
