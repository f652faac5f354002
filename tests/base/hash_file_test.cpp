#include "base/hash_file.h"

#include <doctest/doctest.h>

#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

TEST_CASE("a file's hash is that of its bytes, over many pieces and none") {
  const test::TempDir dir;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1} << 18, (std::size_t{1} << 20) + 7}) {
    const std::string content(size, 'x');
    REQUIRE_OK(fs::publish(dir / "a", content));
    CHECK(hash::hex_of_file(dir / "a").value() == hash::to_hex(hash::sha256(content)));
    CHECK(hash::hex_of_file(dir / "a", hash::Algorithm::md5).value() ==
          hash::to_hex(hash::digest(hash::Algorithm::md5, content)));
  }
  CHECK(hash::hex_of_file(dir / "nope").error().kind == ErrorKind::not_found);
}
