#include "base/inflate.h"

#include <doctest/doctest.h>

#include "support/printers.h"
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
  for (const auto& status : {inflate_exact(packed, small), inflate_exact(packed, big), inflate_exact(packed + "x", exact),
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
