// URLs of sources: parse(print(x)) == x, also of one state of it.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/source_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const auto source = SourceUrl::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!source.ok()) return 0;
  const auto again = SourceUrl::parse(source->to_string());
  PKG_CHECK(again.ok() && *again == *source);
  if (source->kind != SourceUrl::Kind::vcs) return 0;
  const auto exact = source->at("c0ffee");
  const auto exact_again = SourceUrl::parse(exact.to_string());
  PKG_CHECK(exact_again.ok() && *exact_again == exact);
  return 0;
}
