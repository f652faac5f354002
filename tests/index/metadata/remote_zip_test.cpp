#include "index/metadata/remote_zip.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "index/wheel_archive.h"

namespace pkg::index {
namespace {

struct Served {
  std::vector<ByteRange> asked;
  Result<std::string> text = std::string();
};

// Serves the ranges of an archive until the metadata is there or there is an error.
Served serve(const std::string& archive, bool size_is_known) {
  Served served;
  RemoteMetadata remote(size_is_known ? std::optional<std::uint64_t>(archive.size()) : std::nullopt);
  for (;;) {
    const auto range = remote.next();
    served.asked.push_back(range);
    const auto first =
        range.first ? *range.first : archive.size() - std::min<std::uint64_t>(range.count, archive.size());
    auto text = remote.add(first, archive.size(), archive.substr(first, range.count));
    if (text && !*text) continue;
    served.text = text ? Result<std::string>(**text) : Result<std::string>(text.error());
    return served;
  }
}

std::string noise(std::size_t size) { return std::string(size, '\x55'); }

TEST_CASE("a Range header asks for a part or for the end") {
  CHECK(ByteRange{100, 50}.header_value() == "bytes=100-149");
  CHECK(ByteRange{std::nullopt, 500}.header_value() == "bytes=-500");
}

TEST_CASE("a Content-Range is read, whatever cannot be used is nothing") {
  CHECK(ContentRange::parse("bytes 100-199/1234") == ContentRange{100, 199, 1234});
  CHECK(ContentRange::parse(" Bytes 0-0/1 ") == ContentRange{0, 0, 1});
  for (const auto* wrong :
       {"", "bytes", "bytes 1-2", "bytes 1-2/*", "bytes */5", "bytes 3-2/9", "bytes 1-9/9", "items 1-2/9", "bytes -1/9",
        "bytes 1-/9", "bytes 1-99999999999999999999/5", "bytes=1-2/9", "bytes 1/2-3"})
    CHECK_MESSAGE(ContentRange::parse(wrong) == std::nullopt, wrong);
}

TEST_CASE("a wheel with METADATA at its end takes one request") {
  test::WheelArchive wheel;
  wheel.add("demo/big.bin", noise(1'000'000));
  for (const bool known : {true, false}) {
    const auto served = serve(wheel.bytes(), known);
    CHECK(served.text.value() == wheel.metadata);
    CHECK(served.asked.size() == 1);
  }
}

TEST_CASE("a wheel smaller than the first guess takes one request") {
  const test::WheelArchive wheel;
  for (const bool known : {true, false}) {
    const auto served = serve(wheel.bytes(), known);
    CHECK(served.text.value() == wheel.metadata);
    CHECK(served.asked.size() == 1);
  }
}

TEST_CASE("a large directory takes a second request, METADATA far in front a third") {
  test::WheelArchive wheel;
  for (int i = 0; i < 3000; ++i) wheel.add(cat("demo/a_long_folder_name_that_fills_the_directory/file", i, ".py"), "");
  CHECK(serve(wheel.bytes(), true).asked.size() == 2);
  CHECK(serve(wheel.bytes(), true).text.value() == wheel.metadata);

  std::vector<std::pair<std::string, std::string>> members{{"demo-1.0.dist-info/METADATA", "Name: demo\n"},
                                                           {"demo/big.bin", noise(2'000'000)}};
  const auto two = serve(test::stored_zip(members), true);
  CHECK(two.asked.size() == 2);
  CHECK(two.asked[1].first == 0u);
  CHECK(two.text.value() == "Name: demo\n");
  for (int i = 0; i < 3000; ++i)
    members.emplace_back(cat("demo/a_long_folder_name_that_fills_the_directory/file", i, ".py"), "");
  const auto three = serve(test::stored_zip(members), false);
  CHECK(three.asked.size() == 3);
  CHECK(three.text.value() == "Name: demo\n");
}

TEST_CASE("what is no wheel is bad data, not a crash") {
  CHECK(serve("", false).text.error().kind == ErrorKind::bad_data);
  CHECK(serve("<html>not found</html>", true).text.error().kind == ErrorKind::bad_data);
  CHECK(serve(noise(100'000), true).text.error().kind == ErrorKind::bad_data);
  CHECK(serve(test::stored_zip({{"a.txt", "a"}}), true).text.error().message == "it has no METADATA");
  CHECK(serve(test::stored_zip({{"a-1.dist-info/METADATA", "a"}, {"b-1.dist-info/METADATA", "b"}}), true)
            .text.error()
            .message == "it has more than one METADATA");
}

TEST_CASE("answers that do not fit what was asked for are refused") {
  const auto archive =
      test::stored_zip({{"demo-1.0.dist-info/METADATA", "Name: demo\n"}, {"demo/big.bin", noise(200'000)}});
  const auto after_tail = [&] {
    RemoteMetadata remote(archive.size());
    const auto range = remote.next();
    REQUIRE(remote.add(*range.first, archive.size(), archive.substr(*range.first)).ok());
    return remote;
  };
  auto other_total = after_tail();
  CHECK_FALSE(other_total.add(0, archive.size() + 1, archive.substr(0, other_total.next().count)).ok());
  auto short_answer = after_tail();
  CHECK_FALSE(short_answer.add(0, archive.size(), archive.substr(0, 5)).ok());
  auto other_place = after_tail();
  CHECK_FALSE(other_place.add(7, archive.size(), archive.substr(7, other_place.next().count)).ok());
  RemoteMetadata not_the_end(archive.size());
  CHECK_FALSE(not_the_end.add(0, archive.size(), archive.substr(0, 100)).ok());
  RemoteMetadata too_much(archive.size());
  CHECK_FALSE(too_much.add(archive.size() - 10, archive.size(), archive.substr(0, 100)).ok());
}

TEST_CASE("a flipped bit in METADATA is noticed by its checksum") {
  const auto good = test::stored_zip({{"demo-1.0.dist-info/METADATA", "Name: demo\n"}});
  auto bad = good;
  bad[bad.find("Name: demo") + 6] ^= 1;
  CHECK(serve(good, true).text.ok());
  CHECK_FALSE(serve(bad, true).text.ok());
}

}  // namespace
}  // namespace pkg::index
