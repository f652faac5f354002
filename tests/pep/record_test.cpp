#include "pep/record.h"

#include "support/printers.h"

namespace pkg::pep {
namespace {

std::string error_of(std::string_view text) {
  const auto rows = parse_record(text);
  return rows.ok() ? "parsed" : rows.error().message;
}

}  // namespace

TEST_CASE("rows are written and read again") {
  const std::vector<RecordRow> rows = {{"a.py", "sha256", "abc_-", 4},
                                       {"with, comma.py", "sha256", "x", 0},
                                       {"with \"quote\".py", "", "", std::nullopt},
                                       {"two\nlines", "", "", 7},
                                       {"d.dist-info/RECORD", "", "", std::nullopt}};
  const std::string text = write_record(rows);
  CHECK(text ==
        "a.py,sha256=abc_-,4\n\"with, comma.py\",sha256=x,0\n\"with "
        "\"\"quote\"\".py\",,\n\"two\nlines\",,7\nd.dist-info/RECORD,,\n");
  const auto again = parse_record(text);
  REQUIRE_OK(again);
  CHECK(*again == rows);
}

TEST_CASE("line ends of all systems and a missing last one are read") {
  CHECK(parse_record("a,,\r\nb,,\rc,,")->size() == 3);
  CHECK(parse_record("")->empty());
  CHECK(parse_record("a\\b,,\n")->at(0).path == "a/b");
}

TEST_CASE("a malformed row is refused, and the message names the line") {
  CHECK(error_of("a,,\nb,\n") == "RECORD is malformed in line 2: expected 3 fields, found 2");
  CHECK(error_of("a,,,\n") == "RECORD is malformed in line 1: expected 3 fields, found 4");
  CHECK(error_of("a,,\n\nb,,\n") == "RECORD is malformed in line 2: expected 3 fields, found 0");
  CHECK(error_of("a,sha256,\n") == "RECORD is malformed in line 1: the hash `sha256` is not `algorithm=digest`");
  CHECK(error_of("a,,x\n") == "RECORD is malformed in line 1: the size `x` is not a number");
  CHECK(error_of(",,\n") == "RECORD is malformed in line 1: the path is empty");
  CHECK(error_of("\"a\nb\",,\nc\n") == "RECORD is malformed in line 3: expected 3 fields, found 1");
}

TEST_CASE("content matches by size and hash, as far as the row gives them") {
  const RecordRow row = {"f", "sha256", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", 4};
  CHECK(content_matches(row, "test"));
  CHECK_FALSE(content_matches(row, "tess"));
  CHECK_FALSE(content_matches({"f", "", "", 5}, "test"));
  CHECK(content_matches({"f", "", "", std::nullopt}, "anything"));
  CHECK_FALSE(content_matches({"f", "crc32", "x", std::nullopt}, "anything"));
}

}  // namespace pkg::pep
