// The small YAML: no crash, nesting ends, and what is read has lines of the text.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/small_yaml.h"

namespace {

void check(const pkg::yaml::Value& value, std::size_t depth, std::size_t lines) {
  // Each list on the way may open one more list behind its dash.
  PKG_CHECK(depth <= pkg::yaml::kDeepest + 2 && static_cast<std::size_t>(value.line) <= lines);
  if (const auto* list = value.as_list())
    for (const auto& item : *list) check(item, depth + 1, lines);
  if (const auto* mapping = value.as_mapping())
    for (const auto& entry : *mapping) check(entry.value, depth + 1, lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = pkg::yaml::parse(text, "environment.yml");
  if (!value.ok()) return 0;
  const auto ends = std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  PKG_CHECK(value->as_mapping() != nullptr);
  check(*value, 0, static_cast<std::size_t>(ends) + 1);
  return 0;
}
