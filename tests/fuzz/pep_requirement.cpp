// Requirements: what parses prints a text that parses to an equal requirement; what does not gives an error with a
// caret. Mending (pep/old_metadata.h) never touches what parses, and gives a text that needs no mending.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/old_metadata.h"
#include "pep/requirement.h"

namespace {

using pkg::pep::Requirement;

void check_mending(std::string_view text, bool is_valid) {
  const auto mended = pkg::pep::mended_requirement(text);
  if (!mended || is_valid) return;
  const auto read = Requirement::parse(*mended);
  if (read) PKG_CHECK(Requirement::parse(read->to_string()).ok());
}

void check_specifiers(std::string_view text) {
  const auto strict = pkg::pep::SpecifierSet::try_parse(text), lenient = pkg::pep::read_requires_python(text);
  if (strict) PKG_CHECK(lenient.has_value() && *lenient == *strict);
  if (lenient) PKG_CHECK(pkg::pep::SpecifierSet::try_parse(lenient->to_string()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto requirement = Requirement::parse(text);
  check_mending(text, requirement.ok());
  check_specifiers(text);
  if (!requirement) {
    PKG_CHECK(requirement.error().context.size() == 1);
    return 0;
  }
  const auto again = Requirement::parse(requirement->to_string());
  PKG_CHECK(again.ok() && *again == *requirement && again->to_string() == requirement->to_string());
  return 0;
}
