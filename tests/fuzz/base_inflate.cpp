// Deflate streams of any kind: what comes out is within the limit, and is the same in a larger room.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/inflate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string exact(size * 2, '\0');
  (void)inflate_exact(bytes, exact).ok();
  for (const auto wrapping : {Wrapping::gzip, Wrapping::zlib}) {
    ScratchBuffer small, large;
    const auto first = inflate_whole(bytes, wrapping, 1u << 16, small);
    PKG_CHECK(!first.ok() || !*first || (*first)->size() <= 1u << 16);
    if (!first.ok() || !*first) continue;
    const auto second = inflate_whole(bytes, wrapping, 1u << 20, large).value();
    PKG_CHECK(second &&
              std::string_view(second->data(), second->size()) == std::string_view((*first)->data(), (*first)->size()));
  }
  return 0;
}
