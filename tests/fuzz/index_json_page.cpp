// JSON pages: no input crashes, and what is read can be packed and read again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/cache/packed_page.h"
#include "index/cache/page_builder.h"
#include "index/simple/json_page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const auto name = pep::Name::from_normalized("foo");
  index::PageBuilder builder(name);
  std::vector<char> text(size + 1);  // of this size exactly: what lies behind the NUL is watched
  std::copy(data, data + size, text.begin());
  const auto head = index::parse_json_page({text.data(), size}, "https://index.example/simple/foo/",
                                           [&](const index::Link& link) { builder.add(link); });
  if (!head) return 0;
  const auto page = index::PackedPage::from_bytes(name, builder.finish({}));
  if (!page) __builtin_trap();
  for (std::size_t i = 0; i < page->releases().size(); ++i)
    if (!page->files(i)) __builtin_trap();
  return 0;
}
