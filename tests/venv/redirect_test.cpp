#include "venv/redirect.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {

TEST_CASE("a folder, or nothing, stands for itself") {
  const test::TempDir temp;
  CHECK(follow_redirect(temp / ".venv").value() == temp / ".venv");
  REQUIRE_OK(fs::make_dirs(temp / ".venv"));
  CHECK(follow_redirect(temp / ".venv").value() == temp / ".venv");
}

TEST_CASE("a file stands for the path in it") {
  const test::TempDir temp;
  const auto target = [&](std::string_view text) {
    REQUIRE_OK(fs::publish(temp / ".venv", text));
    return follow_redirect(temp / ".venv").value();
  };
  CHECK(target("/x/env") == "/x/env");
  CHECK(target("  /x/env/ \r\n") == "/x/env");
  CHECK(target("envs/one\n") == temp / "envs/one");
  CHECK(target("../one") == temp.path().parent_path() / "one");
  CHECK(target("/x/with space") == "/x/with space");
}

TEST_CASE("a file that is not one line with a path is refused") {
  const test::TempDir temp;
  for (const auto& text : {std::string(), std::string(" \n"), std::string("/a\n/b\n"), std::string("/a\0b", 4),
                           std::string(70'000, 'x')}) {
    REQUIRE_OK(fs::publish(temp / ".venv", text));
    CHECK(follow_redirect(temp / ".venv").error().kind == ErrorKind::bad_data);
  }
}

}  // namespace pkg::venv
