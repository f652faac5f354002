#include "cli/output/live_area.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/display_width.h"
#include "base/text.h"

using namespace pkg;
using cli::LiveArea;
using cli::Text;

namespace {

std::vector<Text> lines(std::size_t count, std::string_view text = "x") {
  return std::vector<Text>(count, Text(text, ""));
}

}  // namespace

TEST_CASE("lines are drawn over those that were there, and those that are too many are taken away") {
  LiveArea area;
  CHECK(!area.is_shown());
  CHECK(area.clear().empty());
  CHECK(area.draw(lines(2), {80, 24}) == "x\033[K\r\nx\033[K");
  CHECK(area.draw(lines(3), {80, 24}) == "\r\033[1Ax\033[K\r\nx\033[K\r\nx\033[K");
  CHECK(area.draw(lines(1), {80, 24}) == "\r\033[2Ax\033[K\033[J");
  CHECK(area.is_shown());
  CHECK(area.draw({}, {80, 24}) == "\r\033[J");
  CHECK(!area.is_shown());
}

TEST_CASE("no line is as wide as the window, and none wider than a hundred columns") {
  const std::string wide(200, 'x');
  for (const std::size_t columns : {0u, 1u, 5u, 20u, 80u, 300u}) {
    CAPTURE(columns);
    LiveArea area;
    const auto bytes = area.draw(lines(1, wide), {columns, 24});
    const auto drawn = most_columns(bytes.substr(0, bytes.size() - 3));
    CHECK(drawn == LiveArea::width({columns, 24}));
    CHECK(drawn <= 97);
    if (columns > 3) CHECK(drawn < columns);
  }
  LiveArea area;
  CHECK(area.draw(lines(1, "日本語日本語"), {12, 24}) == "日本語日…\033[K");
}

TEST_CASE("there are never more lines than the window has rows, and the last says how many are not shown") {
  LiveArea area;
  CHECK(area.draw(lines(9), {80, 4}) == "x\033[K\r\nx\033[K\r\n  and 7 more\033[K");
  LiveArea tiny;
  CHECK(tiny.draw(lines(3), {80, 1}) == "and 3 more\033[K");
  LiveArea tall;
  const auto bytes = tall.draw(lines(60), {80, 100});
  CHECK(bytes.find("and 45 more") != std::string::npos);
  CHECK(tall.clear() == "\r\033[15A\033[J");
}
