#include "base/inflate.h"

#include <libdeflate.h>

#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace pkg {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

// 11 KB of tables, kept for the thread's next call.
libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  PKG_CHECK(decompressor != nullptr);
  return decompressor.get();
}

Error bad_stream(std::string_view why) { return make_error(ErrorKind::bad_data, cat("the compressed data is bad: ", why)); }

}  // namespace

Status inflate_exact(std::string_view compressed, std::span<char> into) {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  char nothing = 0;
  void* const target = into.empty() ? &nothing : into.data();
  // Both counts are asked for, because without them a short output would be an error that looks like any other.
  const auto result = libdeflate_deflate_decompress_ex(decompressor_of_this_thread(), compressed.data(), compressed.size(), target,
                                                       into.size(), &consumed, &produced);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return bad_stream(cat("it unpacks to more than the announced ", into.size(), " bytes"));
  if (result != LIBDEFLATE_SUCCESS) return bad_stream("it is no deflate stream");
  if (produced != into.size()) return bad_stream(cat("it unpacks to ", produced, " bytes where ", into.size(), " were announced"));
  if (consumed != compressed.size()) return bad_stream(cat(compressed.size() - consumed, " bytes follow its end"));
  return ok_status();
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t seed) { return libdeflate_crc32(seed, bytes.data(), bytes.size()); }

}  // namespace pkg
