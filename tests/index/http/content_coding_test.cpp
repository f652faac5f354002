#include "index/http/content_coding.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"
#include "support/tar_builder.h"
#include "support/zip_builder.h"

namespace pkg::index {
namespace {

std::string decoded(const std::string& coding, std::string body, std::uint64_t limit = 256u << 20) {
  Response response;
  if (!coding.empty()) response.headers.push_back({"content-encoding", coding});
  response.body = std::move(body);
  ScratchBuffer buffer;
  const auto text = decoded_body(response, limit, buffer);
  return text ? std::string(text->data(), text->size()) : cat("error: ", text.error().message);
}

}  // namespace

TEST_CASE("a body is what its content encoding says") {
  CHECK(decoded("", "page") == "page");
  CHECK(decoded("identity", "page") == "page");
  CHECK(decoded("gzip", test::gzip("page")) == "page");
  CHECK(decoded(" X-GZip ", test::gzip("page")) == "page");
  CHECK(decoded("deflate", test::zlib("page")) == "page");
  CHECK(decoded("deflate", test::deflate("page")) == "page");
  CHECK(decoded("gzip", "").empty());
}

TEST_CASE("codings that were not asked for, and bodies that are none, are errors") {
  CHECK(decoded("br", "page") == "error: the answer has the content encoding `br`, which was not asked for");
  CHECK(
      decoded("gzip, gzip", test::gzip(test::gzip("page"))).starts_with("error: the answer has the content encoding"));
  CHECK(decoded("gzip", "page").starts_with("error: the compressed data is bad"));
}

TEST_CASE("bodies are limited in size, and those over 64 MiB to fifty times what was sent") {
  CHECK(decoded("gzip", test::gzip(std::string(2 << 20, 'x')), 1 << 20) == "error: the answer is larger than 1 MiB");
  CHECK(decoded("gzip", test::gzip(std::string(2 << 20, 'x'))).size() == 2 << 20);
  CHECK(decoded("gzip", test::gzip(std::string((64 << 20) + 1, 'x'))) ==
        "error: the answer decodes to more than 50 times its size");
}

}  // namespace pkg::index
