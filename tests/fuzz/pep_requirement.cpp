// Requirements: what parses prints a text that parses to an equal requirement; what does not gives an error with a
// caret.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/requirement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto requirement = pkg::pep::Requirement::parse(text);
  if (!requirement) {
    PKG_CHECK(requirement.error().context.size() == 1);
    return 0;
  }
  const auto again = pkg::pep::Requirement::parse(requirement->to_string());
  PKG_CHECK(again.ok() && *again == *requirement && again->to_string() == requirement->to_string());
  return 0;
}
