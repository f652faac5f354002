#include "index/simple/json_page.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/text.h"
#include "support/printers.h"

namespace pkg::index {
namespace {

// Parsed where nothing but the NUL follows it: AddressSanitizer sees every other byte.
std::string outcome(std::string_view page) {
  const auto bytes = std::make_unique<char[]>(page.size() + 1);
  std::copy(page.begin(), page.end(), bytes.get());
  std::size_t links = 0;
  const auto head =
      parse_json_page({bytes.get(), page.size()}, "https://index.example/simple/foo/", [&](const Link&) { ++links; });
  CHECK(bytes[page.size()] == '\0');
  return head ? cat(links, " links") : head.error().message;
}

constexpr std::string_view kPage =
    "{\"meta\":{\"api-version\":\"1.1\"},\"files\":[{\"filename\":\"foo-1.tar.gz\",\"url\":\"f/foo-1.tar.gz\","
    "\"size\":-1.5e3,\"hashes\":{},"
    "\"yanked\":\"a\\u00e9\\ud83d\\ude00\\n \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"}]}";

}  // namespace

TEST_CASE("a page that ends anywhere is an error, and nothing behind its NUL is touched") {
  CHECK(outcome(kPage) == "1 links");
  for (std::size_t size = 0; size < kPage.size(); ++size) {
    CAPTURE(size);
    CHECK(!outcome(kPage.substr(0, size)).ends_with(" links"));
  }
}

TEST_CASE("a page that ends inside a UTF-8 sequence is refused, in strings and elsewhere") {
  const std::string start = "{\"name\":\"" + std::string(40, 'a');
  for (const char* end : {"\xC3", "\xE2", "\xE2\x82", "\xF0", "\xF0\x9F", "\xF0\x9F\x98", "\xED", "\xE0", "\xF4\x8F",
                          "\xFF", "\\\xF0", "\\u00\xF0"}) {
    CAPTURE(end);
    CHECK(outcome(start + end) == "the page is malformed JSON: it ends inside a UTF-8 sequence");
    CHECK(outcome(end) == "the page is malformed JSON: it ends inside a UTF-8 sequence");
    CHECK(outcome(std::string(kPage) + end) == "the page is malformed JSON: it ends inside a UTF-8 sequence");
  }
}

TEST_CASE("whole UTF-8 sequences at a page's end are read as before") {
  for (const char* end : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    CAPTURE(end);
    CHECK(outcome(cat("{\"name\":\"", end, "\"}")) == "0 links");
    CHECK(
        outcome(cat("{\"name\":\"", end)).starts_with("the page is malformed JSON: Missing a closing quotation mark"));
  }
}

}  // namespace pkg::index
