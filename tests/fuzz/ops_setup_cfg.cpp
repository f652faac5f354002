// setup.cfg: no crash, and keys and values are what configparser would give: no section without a name's line, no
// white space around a line of a value.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "ops/migrate/setup_cfg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const auto cfg = ops::SetupCfg::parse(std::string_view(reinterpret_cast<const char*>(data), size), "setup.cfg");
  if (!cfg.ok()) return 0;
  for (const auto* name : {"metadata", "options", "options.extras_require", "options.entry_points"}) {
    const auto* section = cfg->section(name);
    if (section == nullptr) continue;
    for (const auto& entry : section->entries) {
      PKG_CHECK(entry.line > 0 && trim(entry.value) == entry.value && section->get(entry.key) != nullptr);
      for (const char separator : {',', ';'})
        for (const auto& item : ops::cfg_list(entry.value, separator)) PKG_CHECK(!item.empty() && trim(item) == item);
      for (const auto& [key, value] : ops::cfg_pairs(entry.value)) PKG_CHECK(key.find('=') == std::string::npos);
    }
  }
  return 0;
}
