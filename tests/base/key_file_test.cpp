#include "base/key_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

TEST_CASE("the user's key is made once, for the user alone; one that others may read, or a link, is not used") {
  const test::TempDir dir;
  const auto folder = dir.path() / "state";
  const auto key = fs::own_key(folder, "some-key");
  REQUIRE_OK(key);
  CHECK(key->size() == fs::kKeySize);
  CHECK(fs::own_key(folder, "some-key").value() == *key);
  CHECK(fs::own_key(folder, "another-key").value() != *key);
  const auto file = folder / "some-key";
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat(folder.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);

  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    CHECK_FALSE_MESSAGE(fs::own_key(folder, "some-key").ok(), mode);
  }
  REQUIRE(::symlink((folder / "another-key").c_str(), (folder / "linked").c_str()) == 0);
  CHECK_FALSE(fs::own_key(folder, "linked").ok());
}
