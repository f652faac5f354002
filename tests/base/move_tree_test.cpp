#include "base/move_tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/text.h"
#include "support/printers.h"
#include "support/skipped.h"
#include "support/temp_dir.h"

namespace pkg::fs {
namespace {

namespace stdfs = std::filesystem;

struct Folders {
  test::TempDir temp;
  stdfs::path elsewhere_path = temp / "to";
  Folders() {
    stdfs::create_directory(temp / "from");
    stdfs::create_directory(elsewhere_path);
  }
  void write(const stdfs::path& path, const std::string& text) const {
    stdfs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  stdfs::path from(const std::string& name) const { return temp / ("from/" + name); }
  stdfs::path to(const std::string& name) const { return elsewhere_path / name; }
  Status move(const std::string& name, bool back = false) const {
    const auto a = open_directory(temp / "from"), b = open_directory(elsewhere_path);
    REQUIRE_OK(a);
    REQUIRE_OK(b);
    return back ? move_tree(b->get(), "0", a->get(), name, -1, from(name))
                : move_tree(a->get(), name, b->get(), "0", b->get(), from(name));
  }
};

mode_t mode_of(const stdfs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

void write_example(const Folders& f) {
  f.write(f.from("pkg/a.py"), "a");
  f.write(f.from("pkg/sub/deep/b.py"), "b");
  stdfs::create_directory(f.from("pkg/empty"));
  stdfs::create_symlink("a.py", f.from("pkg/link"));
  stdfs::create_symlink("/nowhere", f.from("pkg/sub/folder"));
  REQUIRE(::chmod(f.from("pkg/a.py").c_str(), 0640) == 0);
  REQUIRE(::chmod(f.from("pkg/sub").c_str(), 0711) == 0);
}

void check_example(const stdfs::path& at) {
  CHECK(*read_file(at / "a.py") == "a");
  CHECK(*read_file(at / "sub/deep/b.py") == "b");
  CHECK(fs::is_directory(at / "empty"));
  CHECK(stdfs::read_symlink(at / "link") == "a.py");
  CHECK(stdfs::read_symlink(at / "sub/folder") == "/nowhere");
  CHECK(mode_of(at / "a.py") == 0640);
  CHECK(mode_of(at / "sub") == 0711);
}

// On another file system than temporary files.
std::optional<stdfs::path> other_file_system(const stdfs::path& here) {
  struct stat ours {
  }, theirs{};
  if (::stat(here.c_str(), &ours) != 0 || ::stat("/dev/shm", &theirs) != 0 || ours.st_dev == theirs.st_dev ||
      ::access("/dev/shm", W_OK) != 0)
    return std::nullopt;
  std::string pattern = "/dev/shm/pkg-test-XXXXXX";
  return ::mkdtemp(pattern.data()) == nullptr ? std::nullopt : std::optional<stdfs::path>(pattern);
}

}  // namespace

TEST_CASE("a tree is moved file by file, with its modes, links and empty folders, and back again") {
  const Folders f;
  write_example(f);
  REQUIRE_OK(f.move("pkg"));
  CHECK_FALSE(fs::exists(f.from("pkg")));
  check_example(f.to("0"));
  REQUIRE_OK(f.move("pkg", true));
  CHECK_FALSE(fs::exists(f.to("0")));
  check_example(f.from("pkg"));
}

TEST_CASE("a tree is copied from one file system to another, and back again") {
  Folders f;
  const auto other = other_file_system(f.temp.path());
  if (!other) return SKIPPED("/dev/shm is no other file system");
  f.elsewhere_path = *other;
  write_example(f);
  REQUIRE_OK(f.move("pkg"));
  CHECK_FALSE(fs::exists(f.from("pkg")));
  check_example(f.to("0"));
  CHECK_FALSE(fs::exists(f.to(kStagedName)));
  f.write(f.from("pkg/a.py"), "half of what a killed process was writ");
  REQUIRE_OK(f.move("pkg", true));
  CHECK_FALSE(fs::exists(f.to("0")));
  check_example(f.from("pkg"));
  stdfs::remove_all(*other);
}

TEST_CASE("a move that was interrupted is finished, or taken back, whatever was done of it") {
  const Folders f;
  write_example(f);
  stdfs::create_directories(f.to("0/sub/deep"));
  REQUIRE(::chmod(f.to("0/sub").c_str(), 0711) == 0);
  stdfs::rename(f.from("pkg/sub/deep/b.py"), f.to("0/sub/deep/b.py"));
  stdfs::rename(f.from("pkg/link"), f.to("0/link"));
  SUBCASE("finished") {
    REQUIRE_OK(f.move("pkg"));
    check_example(f.to("0"));
    CHECK_FALSE(fs::exists(f.from("pkg")));
  }
  SUBCASE("taken back") {
    REQUIRE_OK(f.move("pkg", true));
    check_example(f.from("pkg"));
    CHECK_FALSE(fs::exists(f.to("0")));
  }
}

TEST_CASE("a file, a link and nothing are moved too") {
  const Folders f;
  f.write(f.from("file"), "x");
  REQUIRE_OK(f.move("file"));
  CHECK(*read_file(f.to("0")) == "x");
  f.write(f.from("file"), "y");
  REQUIRE_OK(f.move("file", true));
  CHECK(*read_file(f.from("file")) == "x");
  REQUIRE_OK(f.move("nothing"));
  CHECK_FALSE(fs::exists(f.to("0")));
}

TEST_CASE("what is in the way of a folder is an error, and a link there is not followed") {
  const Folders f;
  write_example(f);
  stdfs::create_directory(f.temp / "outside");
  stdfs::create_directory_symlink(f.temp / "outside", f.to("0"));
  CHECK_FALSE(f.move("pkg").ok());
  CHECK(stdfs::is_empty(f.temp / "outside"));
  check_example(f.from("pkg"));
}

}  // namespace pkg::fs
