#include "lock/quick_toml.h"

#include <doctest/doctest.h>

#include "conformance/cases.h"
#include "support/toml_equal.h"
#include "support/vectors.h"

namespace {

using namespace pkg;

bool is_read(std::string_view text) {
  const auto quick = lock::quick_parse(text);
  if (!quick) return false;
  const auto whole = toml::parse(text, "pylock.toml");
  CAPTURE(text);
  CHECK((whole.ok() && test::toml_equal(*quick, *whole)));
  return true;
}

}  // namespace

TEST_CASE("usual lock files are read quickly, and as the whole parser reads them") {
  std::size_t total = 0, read = 0;
  const auto document = conformance::load_vectors(test::vectors_folder() / "pylock.json");
  REQUIRE(document.has_value());
  for (const std::string section : {"validate", "select"}) {
    for (const auto& item : document->at("sections").at(section).at("cases")) {
      ++total;
      read += is_read(item.at("toml").get<std::string>()) ? 1 : 0;
    }
  }
  CHECK(total == 621);
  CHECK(read > 0);
}

TEST_CASE("headers, arrays over several lines, inline tables, times and comments are usual") {
  CHECK(is_read(""));
  CHECK(is_read("# only a comment"));
  CHECK(is_read("a = 1 # one\r\nb = [ 'x', # two\n  \"y\",\n]\n"));
  CHECK(is_read("a = { b = true, \"c d\" = { } }\n[x.y]\nz = 0\n[x.w]\n"));
  CHECK(is_read("[[p]]\nn = 1\n[p.t]\nm = 2\n[[p.q]]\n[[p.q]]\n[[p]]\n[p.t]\n[[p.q]]\nk = 1"));
  CHECK(is_read("[[p]]\nq = []\n[[p]]\n[[p.q]]\n"));
  CHECK(is_read("t = 2024-05-01T12:30:00Z\nu = 2025-01-25 11:30:10.164985+00:00\n"));
}

TEST_CASE("what is unusual or wrong is left to the whole parser") {
  for (const std::string_view text : {"a.b = 1",
                                      "a = 1.5",
                                      "a = -1",
                                      "a = 1_000",
                                      "a = 010",
                                      "a = \"\\n\"",
                                      "a = \"\"\"x\"\"\"",
                                      "a = ",
                                      "a = \"\xc3\xa9\"",
                                      "a = 2024-05-01",
                                      "a = 12:30:00",
                                      "a = 2024-05-01T12:30:00",
                                      "a = 2024-02-30T12:30:00Z",
                                      "a = 1\na = 2",
                                      "a = { b = 1, b = 2 }",
                                      "a = { b = 1, }",
                                      "[a]\n[a]",
                                      "[a.b]\n[a]",
                                      "a = {}\n[a.b]",
                                      "a = []\n[[a]]",
                                      "[[a]]\n[a]",
                                      "[a]\n[[a]]",
                                      "[[p]]\n[[p.q]]\n[[p]]\nq = []\n[[p.q]]",
                                      "[[p]]\n[p.q]\n[[p]]\nq = {}\n[p.q.r]",
                                      "[p]\nq = 1\n[p.q.r]",
                                      "a = 1 b = 2",
                                      "a",
                                      "a =",
                                      "= 1",
                                      "[a.b.c.d.e.f.g.h.]",
                                      "[a.b.c.d.e.f.g.h.i]",
                                      "[a",
                                      "[[a]",
                                      "a = [1 2]",
                                      "a = tru",
                                      "a = \"x",
                                      "a = 1\r",
                                      "a = [[[[[[[[[1]]]]]]]]]"}) {
    CAPTURE(text);
    CHECK(!is_read(text));
  }
}
