#include "base/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/printers.h"

using namespace pkg;

TEST_CASE("documents go there and back with their order") {
  const std::string text = R"({"z":1,"a":[true,null,"ü\n"],"b":{"x":1.5}})";
  const auto value = json::parse(text);
  REQUIRE_OK(value);
  CHECK(json::dump(*value) == text);
  CHECK(json::dump(json::parse("{\"a\":[]}").value(), 2) == "{\n  \"a\": []\n}");
}

TEST_CASE("malformed text is bad data with its place") {
  for (const auto* text : {"", "{", "[1,]", "{\"a\":1} x", "nul", "\"\xff\"", "\"\x01\"", "[1e999]", "'a'"}) {
    CAPTURE(text);
    const auto value = json::parse(text);
    REQUIRE_FALSE(value.ok());
    CHECK(value.error().kind == ErrorKind::bad_data);
  }
  CHECK(json::parse("{\n \"a\": x}").error().message.substr(0, 35) == "malformed JSON at line 2, column 7:");
}

TEST_CASE("nesting is bounded, before a document is built") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(json::parse(nested(64)).ok());
  CHECK(json::parse(nested(65)).error().message == "malformed JSON at line 1, column 65: nested deeper than 64");
  CHECK_FALSE(json::parse(nested(1'000'000)).ok());
  CHECK(json::parse("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"").ok());
  CHECK(json::parse("[[1],[2]]", 2).ok());
  CHECK_FALSE(json::parse("[[[1]]]", 2).ok());
}

TEST_CASE("bytes that are no UTF-8 are replaced in output") {
  json::Json value = json::Json::object();
  value["a"] = "x\xff";
  CHECK(json::dump(value) == "{\"a\":\"x\xef\xbf\xbd\"}");
}
