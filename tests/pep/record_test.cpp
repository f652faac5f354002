#include "pep/record.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/record_text.h"

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
  const std::string text = test::record_text(rows);
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

TEST_CASE("a reader takes malformed rows as far as they go") {
  RecordReader reader("a,b\n\n,x,1\n\"c\"d,e,f,g\n\"h");
  REQUIRE(reader.next());
  CHECK(cat(reader.path(), '|', reader.hash(), '|', reader.size(), '|', reader.field_count()) == "a|b||2");
  REQUIRE(reader.next());
  CHECK(reader.field_count() == 0);
  REQUIRE(reader.next_file());
  CHECK(cat(reader.path(), '|', reader.hash(), '|', reader.size(), '|', reader.field_count()) == "cd|e|f|4");
  REQUIRE(reader.next_file());
  CHECK(cat(reader.path(), '|', reader.hash(), '|', reader.line()) == "h||5");
  CHECK_FALSE(reader.next());
}

TEST_CASE("a hash is an algorithm and a digest") {
  const auto hash = split_record_hash("sha256=ab=");
  REQUIRE(hash);
  CHECK(hash->algorithm == "sha256");
  CHECK(hash->digest_base64url == "ab=");
  for (const std::string_view none : {"", "sha256", "=ab"}) CHECK_FALSE(split_record_hash(none));
}

TEST_CASE("a row is written with the hash and size of a file, or without") {
  std::string text;
  append_record_row(text, "a/", "b.py", hash::sha256("test"), 4);
  append_record_row(text, "a, b/", "c.py");
  append_record_row(text, "", "RECORD");
  CHECK(text == "a/b.py,sha256=n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg,4\n\"a, b/c.py\",,\nRECORD,,\n");
}

}  // namespace pkg::pep
