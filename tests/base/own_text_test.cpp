#include "base/own_text.h"

#include <doctest/doctest.h>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {
Result<int> failed() {
  return make_error(ErrorKind::bad_data, "pyproject.toml:3:7: expected a key")
      .with("password = \"hunter2\"\n        ^");
}
}  // namespace

TEST_CASE("a file is one's own when it really lies in the folder or below") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "project/sub"));
  REQUIRE_OK(fs::publish(dir / "secret", "x"));
  REQUIRE_OK(fs::publish(dir / "project/sub/a", "x"));
  std::filesystem::create_symlink("../secret", dir / "project/out");
  std::filesystem::create_symlink("sub/a", dir / "project/in");
  std::filesystem::create_symlink("..", dir / "project/up");
  CHECK(is_own_file(dir / "project/sub/a", dir / "project"));
  CHECK(is_own_file(dir / "project/in", dir / "project"));
  CHECK_FALSE(is_own_file(dir / "project/out", dir / "project"));
  CHECK_FALSE(is_own_file(dir / "project/up/secret", dir / "project"));
  CHECK_FALSE(is_own_file(dir / "project/nope", dir / "project"));
}

TEST_CASE("what is wrong with a file outside is told by its name and line alone") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "project"));
  REQUIRE_OK(fs::publish(dir / "secret", "x"));
  REQUIRE_OK(fs::publish(dir / "project/own", "x"));
  std::filesystem::create_symlink("../secret", dir / "project/pyproject.toml");
  const auto told = told_of(failed(), dir / "project/pyproject.toml", "pyproject.toml");
  CHECK(told.error().message == "`pyproject.toml`, line 3 is not what it should be");
  CHECK(told.error().context.empty());
  CHECK(told.error().kind == ErrorKind::bad_data);
  CHECK(told_of(failed(), dir / "project/own", "own").error() == failed().error());
  const auto while_reading = make_error(ErrorKind::bad_data, "expected a key").with("in secret:7: password");
  CHECK(without_text(while_reading, "secret").message == "`secret`, line 7 is not what it should be");
  CHECK(without_text(while_reading, "other").message == "`other` is not what it should be");
  CHECK(told_of(Result<int>(3), dir / "project/pyproject.toml", "pyproject.toml").value() == 3);
}
