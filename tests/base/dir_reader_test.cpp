#include "base/dir_reader.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/temp_dir.h"

namespace pkg::fs {
namespace {

TEST_CASE("every entry of a folder is told once, whatever their number, without the two dots") {
  const test::TempDir dir;
  std::set<std::string> expected{"below", "link"};
  for (int i = 0; i < 3000; ++i) {
    const auto name = cat("a file with a longer name, number ", i);
    REQUIRE(publish(dir.path() / name, "").ok());
    expected.insert(name);
  }
  std::filesystem::create_directory(dir.path() / "below");
  std::filesystem::create_symlink("below", dir.path() / "link");
  const Fd fd(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DirReader reader(fd.get());
  std::multiset<std::string> found;
  while (const auto entry = reader.next()) {
    found.emplace(entry->name);
    CHECK(entry->name.data()[entry->name.size()] == '\0');
    if (entry->type != DT_UNKNOWN)
      CHECK(entry->type == (entry->name == "below" ? DT_DIR : entry->name == "link" ? DT_LNK : DT_REG));
  }
  CHECK(reader.error() == 0);
  CHECK(found == std::multiset<std::string>(expected.begin(), expected.end()));
}

TEST_CASE("what is no folder has no entries, and an error") {
  const test::TempDir dir;
  REQUIRE(publish(dir.path() / "file", "").ok());
  const Fd fd(::open((dir.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
  DirReader reader(fd.get());
  CHECK_FALSE(reader.next());
  CHECK(reader.error() == ENOTDIR);
}

}  // namespace
}  // namespace pkg::fs
