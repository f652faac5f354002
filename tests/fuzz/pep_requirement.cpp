// Requirements: what parses prints a text that parses to an equal requirement; what does not gives an error with a
// caret. Bounds that move hold the version that moved them, and no other part of the requirement changes. Mending
// (pep/old_metadata.h) never touches what parses, and gives a text that needs no mending.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/moved_bounds.h"
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

void check_moves(std::string_view text, const Requirement& requirement) {
  const auto relaxed = pkg::pep::without_upper_bounds(requirement);
  if (relaxed) PKG_CHECK(Requirement::parse(relaxed->to_string()).value() == *relaxed);
  for (const auto* version : {"3.1.4", "0.0.7", "2026", "1!2.0rc1"}) {
    const auto wanted = pkg::pep::Version::parse(version).value();
    const auto moved = pkg::pep::with_moved_bounds(text, wanted);
    if (!moved) continue;
    auto read = Requirement::parse(*moved).value();
    PKG_CHECK(relaxed.has_value() && read.specifiers.contains(wanted) && !requirement.specifiers.contains(wanted));
    read.specifiers = requirement.specifiers;
    PKG_CHECK(read == requirement);
    PKG_CHECK(!pkg::pep::with_moved_bounds(*moved, wanted));
  }
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
  check_moves(text, *requirement);
  const auto again = Requirement::parse(requirement->to_string());
  PKG_CHECK(again.ok() && *again == *requirement && again->to_string() == requirement->to_string());
  return 0;
}
