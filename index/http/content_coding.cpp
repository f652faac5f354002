#include "index/http/content_coding.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kBombBytes = 64u << 20, kBombRatio = 50;  // docs/concepts/promises.md, 13

// nullopt: nothing to undo.
Result<std::optional<Wrapping>> wrapping_of(const Response& response) {
  const auto* header = response.header("content-encoding");
  const auto coding = header != nullptr ? to_ascii_lower(trim(*header)) : std::string();
  if (coding.empty() || coding == "identity") return std::optional<Wrapping>();
  if (coding == "gzip" || coding == "x-gzip") return std::optional(Wrapping::gzip);
  if (coding == "deflate") return std::optional(Wrapping::zlib);
  return make_error(ErrorKind::bad_data,
                    cat("the answer has the content encoding ", quote(coding), ", which was not asked for"));
}

}  // namespace

Result<std::span<char>> decoded_body(Response& response, std::uint64_t limit_bytes, ScratchBuffer& buffer) {
  PKG_TRY_ASSIGN(const auto wrapping, wrapping_of(response));
  auto& body = response.body;
  if (!wrapping || body.empty()) return std::span<char>(body.data(), body.size());
  const auto most = std::max<std::uint64_t>(kBombBytes, body.size() * kBombRatio);
  PKG_TRY_ASSIGN(const auto text, inflate_whole(body, *wrapping, std::min(limit_bytes, most), buffer));
  if (text) return *text;
  if (limit_bytes <= most) return larger_than(limit_bytes);
  return make_error(ErrorKind::bad_data, cat("the answer decodes to more than ", kBombRatio, " times its size"));
}

Error larger_than(std::uint64_t limit_bytes) {
  const auto kib = limit_bytes >> 10;
  return make_error(ErrorKind::bad_data,
                    cat("the answer is larger than ", kib < 1024 ? kib : kib >> 10, kib < 1024 ? " KiB" : " MiB"));
}

}  // namespace pkg::index
