// Locks of other tools: no crash, pins are sorted and differ, commits are hexadecimal.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "lock/foreign_lock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind : pkg::lock::kForeignLocks) {
    const auto pins = pkg::lock::parse_foreign_lock(text, kind, std::string(kind));
    if (!pins.ok()) continue;
    const auto& packages = pins->lock.packages;
    PKG_CHECK(
        std::is_sorted(packages.begin(), packages.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
    for (const auto& package : packages) {
      PKG_CHECK(package.version || package.vcs);
      if (!package.vcs) continue;
      const auto& commit = package.vcs->commit_id;
      PKG_CHECK(commit.size() >= 40 && commit.find_first_not_of("0123456789abcdef") == std::string::npos);
    }
  }
  return 0;
}
