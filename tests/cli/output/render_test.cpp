#include "cli/output/render.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/output/output.h"
#include "cli/output/render_error.h"
#include "cli/output/shortened.h"

using pkg::ops::ChangedDist;

TEST_CASE("a change is one line, an upgrade one line with both versions") {
  pkg::cli::set_color("never");
  CHECK(pkg::cli::changes_text({{ChangedDist::Kind::added, "a", "", "1", "", true},
                                {ChangedDist::Kind::upgraded, "b", "1", "2", "", false},
                                {ChangedDist::Kind::removed, "c", "3", "", "", false},
                                {ChangedDist::Kind::downgraded, "d", "2", "1", "file:///d.whl", false}}) ==
        "+ a 1\n~ b 1 -> 2\n- c 3\n~ d 2 -> 1 (older) (from file:///d.whl)\n");
}

TEST_CASE("an error is its message, its context indented, and its hint") {
  pkg::cli::set_color("never");
  const auto error =
      pkg::make_error(pkg::ErrorKind::conflict, "no version of `numpy` fits", "try\nthis").with("because of a\nand b");
  CHECK(pkg::cli::render_error(error) ==
        "error: no version of `numpy` fits\n  because of a\n  and b\nhint: try\nhint: this\n");
}

TEST_CASE("a line that quotes a text without measure is shortened to its beginning and end") {
  pkg::cli::set_color("never");
  const std::string deep = std::string(20'000, '(') + "x" + std::string(20'000, ')');
  const auto text = pkg::cli::render_error(
      pkg::make_error(pkg::ErrorKind::bad_data, "`app ; " + deep + "` is no requirement", deep).with(deep));
  CHECK(text.str().size() < 6'000);
  CHECK(text.str().starts_with("error: `app ; ((("));
  CHECK(text.str().find("bytes left out") != std::string::npos);
  CHECK(pkg::cli::shortened("short") == "short");
  CHECK(pkg::cli::shortened(std::string(2000, 'x')) == std::string(2000, 'x'));
  std::string umlauts;
  for (int i = 0; i < 1501; ++i) umlauts += "\xC3\xB6";
  CHECK(pkg::cli::shortened("x" + umlauts).find("\xB6 [") != std::string::npos);
  CHECK(pkg::cli::shortened("x" + umlauts).find("] \xC3") != std::string::npos);
}

TEST_CASE("a long derivation is told by its ends and by what was asked for, and as a whole where that is asked for") {
  pkg::cli::set_color("never");
  auto error = pkg::make_error(pkg::ErrorKind::conflict, "they exclude each other");
  for (int i = 0; i < 20; ++i)
    error.context.push_back(
        pkg::cat(i == 0 ? "because" : "and because", " step ", i, i == 9 ? ": you asked for a" : ""));
  const auto folded = pkg::cli::render_error(error).str();
  CHECK(
      folded.find("step 3\n  [11 more steps: -v tells them]\n  and because step 9: you asked for a\n  and because step "
                  "16\n") != std::string::npos);
  CHECK(folded.find("step 10") == std::string::npos);
  CHECK(pkg::cli::render_error(error, pkg::cli::Derivation::whole).str().find("step 10") != std::string::npos);
  error.context.front() = "of several files:";
  CHECK(pkg::cli::render_error(error).str().find("step 10") != std::string::npos);
}

TEST_CASE("control bytes of foreign text never reach the terminal") {
  pkg::cli::set_color("never");
  const auto text = pkg::cli::render_error(pkg::make_error(pkg::ErrorKind::bad_data, "evil \033]0;title\007 name"));
  CHECK(text.str().find('\033') == std::string::npos);
  CHECK(text.str().find('\007') == std::string::npos);
}

TEST_CASE("exit codes follow the kind of error") {
  CHECK(pkg::cli::exit_code(pkg::ErrorKind::usage) == 2);
  CHECK(pkg::cli::exit_code(pkg::ErrorKind::interrupted) == 130);
  CHECK(pkg::cli::exit_code(pkg::ErrorKind::network) == 1);
}

TEST_CASE("a table's columns are as wide as their widest cell") {
  CHECK(pkg::cli::table({{"Package", "Version"}, {"a", "1"}, {"long-package", "2.0"}}) ==
        "Package      Version\n------------ -------\na            1\nlong-package 2.0\n");
}

TEST_CASE("metadata as JSON has the standard's names and lists") {
  pkg::pep::RawMetadata metadata;
  metadata.fields = {{"name", "a"}, {"requires-dist", "b"}, {"requires-dist", "c"}, {"keywords", "x, y"}};
  CHECK(pkg::cli::raw_metadata_json(metadata).dump() ==
        R"({"name":"a","requires_dist":["b","c"],"keywords":["x","y"]})");
}
