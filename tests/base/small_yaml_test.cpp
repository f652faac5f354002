#include "base/small_yaml.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

// `{a: "x", b: ["y"]}`: the value in one line.
std::string told(const yaml::Value& value) {
  if (const auto* text = value.as_text()) return cat('"', *text, '"');
  std::string out;
  if (const auto* list = value.as_list()) {
    for (const auto& item : *list) append(out, out.empty() ? "" : ", ", told(item));
    return cat('[', out, ']');
  }
  for (const auto& [key, member] : *value.as_mapping()) append(out, out.empty() ? "" : ", ", key, ": ", told(member));
  return cat('{', out, '}');
}

std::string read(std::string_view text) {
  const auto value = yaml::parse(text, "e.yml");
  return value ? told(*value) : value.error().message;
}

}  // namespace

TEST_CASE("an environment file is read as conda writes it") {
  CHECK(read("---\n"
             "# made by hand\n"
             "name: work   # a comment\n"
             "channels: [conda-forge, 'defaults']\n"
             "dependencies:\n"
             "- python=3.11\n"
             "- numpy >=1.26\n"
             "- pip:\n"
             "  - \"requests[socks]>=2 # no comment\"\n"
             "  - -r more.txt\n"
             "  - 'it''s'\n"
             "prefix:\n"
             "...\n") ==
        "{name: \"work\", channels: [\"conda-forge\", \"defaults\"], dependencies: [\"python=3.11\", \"numpy >=1.26\", "
        "{pip: [\"requests[socks]>=2 # no comment\", \"-r more.txt\", \"it's\"]}], prefix: \"\"}");
}

TEST_CASE("blocks nest by their indentation, and lists may begin on the line of their item") {
  struct Row {
    const char* text;
    const char* value;
  };
  for (const Row& row : {Row{"", "{}"},
                         Row{"\xEF\xBB\xBF"
                             "a: 1\r\nb: 2\r\n",
                             "{a: \"1\", b: \"2\"}"},
                         Row{"a:\n  b:\n    c: d\n  e: f\n", "{a: {b: {c: \"d\"}, e: \"f\"}}"},
                         Row{"a:\n  - b: 1\n    c: 2\n  - d\n", "{a: [{b: \"1\", c: \"2\"}, \"d\"]}"},
                         Row{"a:\n- - x\n  - y\n-\n  - z\n", "{a: [[\"x\", \"y\"], [\"z\"]]}"},
                         Row{"a:\n-\n- b\n", "{a: [\"\", \"b\"]}"}, Row{"\"a b\": 'c'\n", "{a b: \"c\"}"},
                         Row{"u: https://host/x#y\n", "{u: \"https://host/x#y\"}"},
                         Row{"a: \"x\\ny\\t\\\"z\\\\\"\n", "{a: \"x\ny\t\"z\\\"}"}, Row{"a: []\n", "{a: []}"}}) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.value);
  }
}

TEST_CASE("what is no YAML, or more of it than is read, is refused with its line") {
  struct Row {
    const char* text;
    const char* message;
  };
  for (const Row& row :
       {Row{"a: 1\na: 2\n", "e.yml:2: the key `a` is there twice"},
        Row{"a: 1\n  b: 2\n", "e.yml:2: the line is indented more than what it belongs to"},
        Row{"a: 1\nb\n", "e.yml:2: expected `key: value`, found `b`"},
        Row{"- a\n", "e.yml:1: expected `key: value` at the top"},
        Row{"\ta: 1\n", "e.yml:1: a tab begins the line, expected spaces"},
        Row{"  a: 1\nb: 2\n", "e.yml:2: the line is indented less than the first one"},
        Row{"a: 'x\n", "e.yml:1: the quotes of `'x` do not match"}, Row{"a: \xFF\n", "e.yml:1: the line is no UTF-8"},
        Row{"a: &x 1\n", "e.yml:1: an anchor or alias is YAML that pkg does not read"},
        Row{"a: *x\n", "e.yml:1: an anchor or alias is YAML that pkg does not read"},
        Row{"a: !!str 1\n", "e.yml:1: a tag is YAML that pkg does not read"},
        Row{"a: |\n  x\n", "e.yml:1: a scalar of several lines is YAML that pkg does not read"},
        Row{"a: >-\n  x\n", "e.yml:1: a scalar of several lines is YAML that pkg does not read"},
        Row{"a: {b: c}\n", "e.yml:1: a mapping in braces is YAML that pkg does not read"},
        Row{"a: [b,\n  c]\n", "e.yml:1: a list in brackets over several lines is YAML that pkg does not read"},
        Row{"a: [[b]]\n", "e.yml:1: a list in brackets that holds more than scalars is YAML that pkg does not read"},
        Row{"a: \"\\x41\"\n", "e.yml:1: the escape `\\x` is YAML that pkg does not read"},
        Row{"a: 1\n---\nb: 2\n", "e.yml:2: a second document is YAML that pkg does not read"},
        Row{"%YAML 1.2\n", "e.yml:1: a directive is YAML that pkg does not read"}}) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.message);
  }
}

TEST_CASE("deep nesting ends, however it is written") {
  std::string by_lines, by_dashes = "a:\n  ";
  for (std::size_t depth = 0; depth < 100; ++depth) append(by_lines, std::string(depth, ' '), "k:\n");
  for (int depth = 0; depth < 100'000; ++depth) by_dashes += "- ";
  CHECK(read(by_lines).find("blocks are nested deeper than 16") != std::string::npos);
  CHECK(read(by_dashes).find("blocks are nested deeper than 16") != std::string::npos);
}
