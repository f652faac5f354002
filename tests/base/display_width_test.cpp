#include "base/display_width.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace pkg;

TEST_CASE("a text takes a column per character, two for wide ones, none for marks that combine") {
  struct Row {
    std::string_view text;
    std::size_t columns;
  };
  for (const auto& [text, columns] :
       {Row{"", 0}, Row{"numpy-2.1", 9}, Row{"Müller…", 7}, Row{"日本語", 6}, Row{"한글", 4}, Row{"e\u0301", 1},
        Row{"🎉", 2}, Row{"𠀀", 2}, Row{"\xff\xfe", 2}, Row{"a\xe6\x97", 3}}) {
    CAPTURE(text);
    CHECK(most_columns(text) == columns);
  }
}

TEST_CASE("a text that is too wide is cut between characters and marked, within the columns there are") {
  CHECK(cut_to_columns("numpy", 5) == "numpy");
  CHECK(cut_to_columns("numpy", 4) == "num…");
  CHECK(cut_to_columns("日本語", 6) == "日本語");
  CHECK(cut_to_columns("日本語", 5) == "日本…");
  CHECK(cut_to_columns("日本語", 4) == "日…");
  CHECK(cut_to_columns("日本語", 1) == "…");
  CHECK(cut_to_columns("日本語", 0).empty());
  CHECK(cut_to_columns("e\u0301e\u0301", 1) == "…");
  for (std::size_t columns = 0; columns < 12; ++columns)
    CHECK(most_columns(cut_to_columns("a日b🎉c本\xffo", columns)) <= columns);
}
