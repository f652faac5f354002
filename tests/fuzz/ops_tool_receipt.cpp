// A tool's receipt: whatever it says, its programs are plain names with links of that name, and what is read is written
// and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "ops/tools/tool_receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const auto receipt = ops::parse_receipt({reinterpret_cast<const char*>(data), size}, "receipt");
  if (!receipt) return 0;
  for (const auto& program : receipt->programs) {
    PKG_CHECK(ops::is_program_name(program.name) && program.link.is_absolute());
    PKG_CHECK(program.link.filename() == program.name && program.link == program.link.lexically_normal());
  }
  const auto again = ops::parse_receipt(ops::write_receipt(*receipt), "again");
  PKG_CHECK(again.ok() && *again == *receipt);
  return 0;
}
