#include "base/inflate.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"
#include "support/tar_builder.h"
#include "support/zip_builder.h"

using namespace pkg;

TEST_CASE("data is unpacked to its exact size") {
  const std::string text = "hello hello hello hello " + std::string(10'000, 'x');
  const auto packed = test::deflate(text);
  std::string into(text.size(), '\0');
  REQUIRE_OK(inflate_exact(packed, into));
  CHECK(into == text);
}

TEST_CASE("nothing is unpacked to nothing") {
  REQUIRE_OK(inflate_exact(test::deflate(""), {}));
  CHECK_FALSE(inflate_exact(test::deflate("x"), {}).ok());
}

TEST_CASE("short, long, cut and trailing data are bad") {
  const auto packed = test::deflate("hello hello hello");
  std::string exact(17, '\0'), small(16, '\0'), big(18, '\0');
  for (const auto& status :
       {inflate_exact(packed, small), inflate_exact(packed, big), inflate_exact(packed + "x", exact),
        inflate_exact(packed.substr(0, 5), exact), inflate_exact("", exact), inflate_exact("\xff\xff", exact)}) {
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().kind == ErrorKind::bad_data);
  }
}

TEST_CASE("the CRC is that of zip, and can be continued") {
  CHECK(crc32("123456789") == 0xCBF43926);
  CHECK(crc32("6789", crc32("12345")) == 0xCBF43926);
  CHECK(crc32("") == 0);
}

namespace {

std::string whole(std::string_view packed, Wrapping wrapping, std::uint64_t limit, ScratchBuffer& buffer) {
  const auto text = inflate_whole(packed, wrapping, limit, buffer);
  if (!text) return cat("error: ", text.error().message);
  if (!*text) return "too long";
  CHECK((*text)->data()[(*text)->size()] == '\0');
  return std::string((*text)->data(), (*text)->size());
}

std::string with_size(std::string packed, std::uint32_t size) {  // what gzip's last four bytes say
  for (std::size_t i = 0; i < 4; ++i) packed[packed.size() - 4 + i] = static_cast<char>(size >> 8 * i);
  return packed;
}

}  // namespace

TEST_CASE("a stream of unknown size is unpacked whole, in memory that is used again") {
  ScratchBuffer buffer;
  const std::string text = "page " + std::string(100'000, 'x');
  CHECK(whole(test::gzip(text), Wrapping::gzip, 1 << 20, buffer) == text);
  CHECK(whole(test::gzip("short"), Wrapping::gzip, 1 << 20, buffer) == "short");
  CHECK(whole(test::gzip("one ") + test::gzip(text) + test::gzip(""), Wrapping::gzip, 1 << 20, buffer) ==
        "one " + text);
  CHECK(whole(test::deflate(text), Wrapping::zlib, 1 << 20, buffer) == text);
  CHECK(whole(test::zlib(text), Wrapping::zlib, 1 << 20, buffer) == text);
  CHECK(whole(test::gzip(""), Wrapping::gzip, 1 << 20, buffer).empty());
  CHECK(buffer.capacity() < 400'000);
}

TEST_CASE("a stream that is longer than allowed takes no more memory than allowed, whatever it says of its size") {
  const std::string text(300'000, 'x');
  for (const auto& packed :
       {test::gzip(text), with_size(test::gzip(text), 10), with_size(test::gzip(text), 0xFFFFFFFF)}) {
    ScratchBuffer buffer;
    CHECK(whole(packed, Wrapping::gzip, 299'999, buffer) == "too long");
    CHECK(buffer.capacity() <= 300'000);
  }
  ScratchBuffer buffer;
  CHECK(whole(test::gzip(text), Wrapping::gzip, 300'000, buffer) == text);
  CHECK(whole(test::zlib(text), Wrapping::zlib, 299'999, buffer) == "too long");
}

TEST_CASE("damaged, cut and continued streams are bad") {
  ScratchBuffer buffer;
  const auto packed = test::gzip("hello hello hello");
  auto altered = packed;
  altered[packed.size() - 6] ^= 1;  // the CRC
  for (const auto& bad : {packed.substr(0, packed.size() - 1), packed + "x", altered, with_size(packed, 16),
                          std::string("hello"), std::string()})
    CHECK(whole(bad, Wrapping::gzip, 1 << 20, buffer).starts_with("error: the compressed data is bad: "));
  CHECK(whole(test::zlib("hello") + "x", Wrapping::zlib, 1000, buffer) ==
        "error: the compressed data is bad: 1 bytes follow its end");
}
