// RECORD: parse(write(rows)) == rows.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/record.h"
#include "tests/support/record_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rows = pkg::pep::parse_record(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!rows.ok()) return 0;
  const auto again = pkg::pep::parse_record(pkg::test::record_text(*rows));
  PKG_CHECK(again.ok() && *again == *rows);
  return 0;
}
