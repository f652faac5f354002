#include "index/html_answer.h"

#include <doctest/doctest.h>

#include <string>

#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {

TEST_CASE("a page in place of a file is known by how it begins") {
  for (const auto* page : {"<!DOCTYPE html>", "\n  <!doctype HTML>\n", "<html lang=\"en\">", "<HTML>"})
    CHECK(begins_like_html(page));
  for (const auto* other : {"", "<", "PK\x03\x04", "<?xml version='1.0'?>", "html", "alpha==1.0  # <html>"})
    CHECK(!begins_like_html(other));
  CHECK(!begins_like_html(std::string(600, ' ') + "<html>"));  // that far nobody looks
}

TEST_CASE("the error of an archive that is a page says so, and keeps where it happened") {
  const auto error = make_error(ErrorKind::bad_data, "this is no zip archive").with("while unpacking");
  CHECK(told_of_html("PK", error) == error);
  const auto told = told_of_html("<html>", error);
  CHECK(told.message == "the file is an HTML page, and no archive");
  CHECK(told.context == error.context);
  CHECK(!told.hint.empty());

  const test::TempDir folder;
  REQUIRE_OK(fs::publish(folder / "page", "<html>"));
  REQUIRE_OK(fs::publish(folder / "empty", ""));
  CHECK(told_of_html_file(folder / "page", error) == told);
  CHECK(told_of_html_file(folder / "empty", error) == error);
  CHECK(told_of_html_file(folder / "none", error) == error);
}

}  // namespace pkg::index
