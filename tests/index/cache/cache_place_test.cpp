#include "index/cache/cache_place.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

struct Fixture {
  test::TempDir dir;
  fs::Path root = dir / "some/cache";
  mode_t mode_of(const fs::Path& path) const {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
  }
  std::string refusal() const {
    const auto ready = prepare_cache(root);
    return ready ? "" : ready.error().message;
  }
  bool refuses(std::string_view why) const { return refusal().find(why) != std::string::npos; }
};

TEST_CASE_FIXTURE(Fixture, "a cache is made for its user alone, whatever the umask") {
  const auto before = ::umask(0);
  CHECK(prepare_cache(root).ok());
  ::umask(before);
  CHECK(mode_of(root) == 0700);
  CHECK(mode_of(root.parent_path()) == 0700);
  CHECK(check_is_cache(root).ok());
  CHECK(prepare_cache(root).ok());
}

TEST_CASE_FIXTURE(Fixture,
                  "an empty folder becomes a cache, and so does one that an earlier version made without a tag") {
  REQUIRE_OK(fs::make_dirs(root));
  CHECK(prepare_cache(root).ok());
  CHECK(mode_of(root) == 0700);
  REQUIRE(::unlink((root / "CACHEDIR.TAG").c_str()) == 0);
  for (const auto* part : {"interpreters-v1", "wheels-v1", "tmp"}) REQUIRE_OK(fs::make_dirs(root / part));
  REQUIRE_OK(fs::publish(root / "lock", ""));
  CHECK(prepare_cache(root).ok());
  CHECK(check_is_cache(root).ok());
}

TEST_CASE_FIXTURE(Fixture, "a folder that holds something else is no cache") {
  REQUIRE_OK(fs::make_dirs(root / "tmp"));
  REQUIRE_OK(fs::publish(root / "work.txt", "mine"));
  CHECK(refuses("it holds `work.txt`, which is not pkg's"));
  CHECK(fs::list_dir(root).value() == std::vector<std::string>{"tmp", "work.txt"});
  REQUIRE_OK(fs::publish(root / "CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"));
  CHECK(refuses("its CACHEDIR.TAG is not pkg's"));
}

TEST_CASE_FIXTURE(Fixture, "a cache that others may write to is closed to them") {
  REQUIRE_OK(prepare_cache(root));
  for (const mode_t mode : {0777, 0770, 0722}) {
    REQUIRE(::chmod(root.c_str(), mode) == 0);
    CHECK(prepare_cache(root).ok());
    CHECK(mode_of(root) == 0700);
  }
}

TEST_CASE_FIXTURE(Fixture, "pkg's own names in the cache are no links") {
  REQUIRE_OK(fs::make_dirs(dir / "target"));
  for (const std::string name : {"lock", "CACHEDIR.TAG", "tmp", "pages-v1", "wheels-v1", "interpreters-v1"}) {
    REQUIRE_OK(prepare_cache(root));
    REQUIRE_OK(fs::remove_tree(root / name));
    REQUIRE(::symlink((dir / "target").c_str(), (root / name).c_str()) == 0);
    CHECK(refuses(cat(quote(name), " in it is a link")));
    REQUIRE_OK(fs::remove_tree(root));
  }
}

TEST_CASE_FIXTURE(Fixture, "the user's own links may lead to the cache") {
  REQUIRE_OK(fs::make_dirs(dir / "big/disk"));
  REQUIRE(::symlink("big/disk", (dir / "some").c_str()) == 0);
  CHECK(prepare_cache(root).ok());
  CHECK(fs::exists(dir / "big/disk/cache/CACHEDIR.TAG"));
}

TEST_CASE_FIXTURE(Fixture, "a cache or a link of another user's is refused, naming the way out") {
  if (::geteuid() != 0) return;
  REQUIRE_OK(prepare_cache(root));
  REQUIRE(::chown(root.c_str(), 12345, 12345) == 0);
  CHECK(refuses("it belongs to another user (number 12345)"));
  CHECK(prepare_cache(root).error().hint.find("--no-cache") != std::string::npos);
  REQUIRE(::chown(root.c_str(), 0, 0) == 0);
  REQUIRE(::symlink(root.c_str(), (dir / "link").c_str()) == 0);
  REQUIRE(::lchown((dir / "link").c_str(), 12345, 12345) == 0);
  root = dir / "link";
  CHECK(refuses("is a link of another user's"));
}

TEST_CASE("the parts of a cache have exact names") {
  const CachePaths paths{};
  CHECK(cache_part(paths.wheels().native()) == CachePart::current);
  CHECK(cache_part(paths.build_environments().native()) == CachePart::current);
  CHECK(cache_part("wheels-v0") == CachePart::older);
  CHECK(cache_part("tmp") == CachePart::temporary);
  for (const auto* other :
       {"wheels-v99", "notes-v1", "wheels-v01", "wheels-v", "wheels", "-v1", "Wheels-v1", "lock", "tmp2"}) {
    CAPTURE(other);
    CHECK_FALSE(cache_part(other).has_value());
  }
}

}  // namespace
}  // namespace pkg::index
