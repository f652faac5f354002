#include "base/toml.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;

namespace {

// The tree in one line: keys in order, with the lines of values.
std::string outline(const toml::Value& value) {
  std::string out;
  if (const auto* table = value.as_table()) {
    for (const auto& [key, member] : *table) append(out, out.empty() ? "" : ",", key, '=', outline(member));
    return cat('{', out, '}');
  }
  if (const auto* array = value.as_array()) {
    for (const auto& item : *array) append(out, out.empty() ? "" : ",", outline(item));
    return cat('[', out, ']');
  }
  return cat(value.line);
}

std::string outline(std::string_view text) {
  const auto value = toml::parse(text, "x.toml");
  return value.ok() ? outline(*value) : value.error().message;
}

}  // namespace

TEST_CASE("keys keep the order of the source") {
  CHECK(outline("z = 1\na = 2\nm = 3") == "{z=1,a=2,m=3}");
  CHECK(outline("[z]\nb = 1\na = 2\n[a]\nx = 1\n[m.n]\ny=1") == "{z={b=2,a=3},a={x=5},m={n={y=7}}}");
  CHECK(outline("b.z = 1\na = 2\nb.a = 3") == "{b={z=1,a=3},a=2}");
  CHECK(outline("t = {z = 1, a = {y = 1, b = 2}}") == "{t={z=1,a={y=1,b=1}}}");
  CHECK(outline("[[p]]\nz = 1\na = 2\n[p.s]\nq = 1\n[[p]]\nb = 1") == "{p=[{z=2,a=3,s={q=5}},{b=7}]}");
  CHECK(outline("a = [\n1,\n2]") == "{a=[2,3]}");
}

TEST_CASE("values have their types, and dates stay as written") {
  const auto root =
      toml::parse(
          "s = 'x'\ni = 0x10\nf = 1.5\nb = true\nd = 2024-05-01 12:30:00.123456+02:00  # when\nl = 07:32:00\no = "
          "[1979-05-27,1979-05-28]\nt = {}",
          "x")
          .value();
  CHECK(*root.get("s")->as_string() == "x");
  CHECK(*root.get("i")->as_integer() == 16);
  CHECK(std::get<double>(root.get("f")->data) == 1.5);
  CHECK(*root.get("b")->as_bool());
  CHECK(std::get<toml::DateTime>(root.get("d")->data).text == "2024-05-01 12:30:00.123456+02:00");
  CHECK(std::get<toml::DateTime>(root.get("l")->data).text == "07:32:00");
  CHECK(std::get<toml::DateTime>(root.get("o")->as_array()->at(0).data).text == "1979-05-27");
  CHECK(std::get<toml::DateTime>(root.get("o")->as_array()->at(1).data).text == "1979-05-28");
  CHECK(root.get("t")->type_name() == "a table");
  CHECK(root.get("none") == nullptr);
  CHECK(root.get("s")->get("x") == nullptr);
}

TEST_CASE("positions are those of the values") {
  const auto root = toml::parse("a = 1\n[t]\n  key = [ 'x' ]\n", "x").value();
  const auto* key = root.get("t")->get("key");
  CHECK(key->line == 3);
  CHECK(key->column == 9);
  CHECK(key->as_array()->at(0).column == 11);
}

TEST_CASE("malformed text is shown with a caret") {
  const auto value = toml::parse("a = 1\nb = = 2\n", "pyproject.toml");
  REQUIRE_FALSE(value.ok());
  CHECK(value.error().kind == ErrorKind::bad_data);
  CHECK(value.error().message.substr(0, 21) == "pyproject.toml:2:5: E");
  CHECK(value.error().context == std::vector<std::string>{"b = = 2\n    ^"});
  const auto bare = toml::parse("name = mine\n", "pyproject.toml");
  REQUIRE_FALSE(bare.ok());
  CHECK(bare.error().hint == "text stands in quotes");
  for (const auto* text : {"a", "a = ", "a = 1\na = 2", "[a]\n[a]", "a = 'x", "a = \"\xff\"", "a = 1 b = 2", "a = [1",
                           "= 1", "[a", "a.b = 1\n[a.b.c]\nx = 1", "[ =]", "[a. =]", "\n\xd0\x8a",
                           "\xc2\xa0"
                           "a = 1"}) {
    CAPTURE(text);
    CHECK_FALSE(toml::parse(text, "x").ok());
  }
}

TEST_CASE("raw control characters are refused wherever they stand") {
  for (const std::string_view around : {"[@", "a = '@'", "# @", "a = \"@\"", "a = \"\"\"@\"\"\"", "@"}) {
    const auto value = toml::parse(replace_all(around, "@", std::string_view("\0", 1)), "x");
    REQUIRE_FALSE(value.ok());
    CHECK(value.error().message == "x:1:1: a control character");
  }
}

TEST_CASE("letters of any script are read in strings, comments and quoted keys") {
  const auto root = toml::parse("\xef\xbb\xbf'Њ' = \"\"\"\\\n  Њ\"\"\" # Њ\n", "x");
  REQUIRE_OK(root);
  CHECK(*root->get("Њ")->as_string() == "Њ");
}

TEST_CASE("nesting is bounded in arrays, tables, headers and dotted keys") {
  const auto repeat = [](std::string_view piece, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out.append(piece);
    return out;
  };
  CHECK(toml::parse("a = " + repeat("[", 50) + repeat("]", 50), "x").ok());
  for (const std::string& text :
       {"a = " + repeat("[", 70) + repeat("]", 70), "a = " + repeat("[", 100'000), "a = " + repeat("{a=", 100'000),
        "[" + repeat("a.", 100'000) + "a]", repeat("a.", 100'000) + "a = 1", repeat("\"a\" . ", 100'000) + "a = 1",
        "x = '''" + repeat("''\n", 9) + "''''\n" + repeat("a.", 70) + "a = 1",
        "[" + repeat("a.", 40) + "a]\n" + repeat("b.", 40) + "b = 1"})
    CHECK_FALSE(toml::parse(text, "x").ok());
  CHECK(toml::parse(
            "x = \"" + repeat("a.", 100) + "\" # " + repeat("a.", 100) + "\ny = '''\n" + repeat("a.", 100) + "'''", "x")
            .ok());
}

TEST_CASE("quoted strings and keys are read back as they were") {
  const std::vector<std::string> texts = {
      "plain",      "with \"quotes\" and \\", "tab\tline\nreturn\r", std::string("\x01\x1f\x7f"), std::string("ü漢"),
      std::string()};
  for (const std::string& text : texts) {
    const auto root = toml::parse(cat(toml::quote_key(text), " = ", toml::quote_string(text)), "x");
    REQUIRE_OK(root);
    CHECK(root->as_table()->at(0).first == text);
    CHECK(*root->as_table()->at(0).second.as_string() == text);
  }
  CHECK(toml::quote_key("a-b_1") == "a-b_1");
  CHECK(toml::quote_key("a.b") == "\"a.b\"");
}
