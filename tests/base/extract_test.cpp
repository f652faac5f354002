#include "base/extract.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/tasks.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

TEST_CASE("only plain relative paths pass") {
  for (const std::string path : {"a", "a/b", "a/.b", "a/..b", "...", "a b"}) CHECK(check_relative_path(path).ok());
  std::string deep;
  for (int i = 0; i < 2100; ++i) deep += "a/";
  for (const std::string& path : {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
                                  std::string("./a"), std::string("a/."), std::string("a/../b"), std::string(".."),
                                  std::string("a\0b", 3), std::string(256, 'x'), deep + "a"}) {
    CAPTURE(path.size());
    const auto status = check_relative_path(path);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().kind == ErrorKind::bad_data);
  }
  CHECK(check_relative_path(std::string(255, 'x')).ok());
}

TEST_CASE("files are written with their folders and modes") {
  const test::TempDir dir;
  auto extractor = Extractor::open(dir.path().string()).value();
  REQUIRE_OK(extractor.write_file("a/b/c.txt", "text", 0644));
  REQUIRE_OK(extractor.write_file("a/run", "#!", 0755));
  REQUIRE_OK(extractor.write_file("top", "", 0644));
  REQUIRE_OK(extractor.make_dir("empty/dir/"));
  REQUIRE_OK(extractor.make_dir("empty/dir"));
  REQUIRE_OK(extractor.write_symlink("a/link", "b/c.txt"));
  CHECK(fs::read_file(dir / "a/link").value() == "text");
  CHECK(fs::is_directory(dir / "empty/dir"));
  struct stat info {};
  REQUIRE(::stat((dir / "a/run").c_str(), &info) == 0);
  CHECK((info.st_mode & 0111) != 0);
}

TEST_CASE("nothing is overwritten") {
  const test::TempDir dir;
  auto extractor = Extractor::open(dir.path().string()).value();
  REQUIRE_OK(extractor.write_file("a", "1", 0644));
  CHECK(extractor.write_file("a", "2", 0644).error().kind == ErrorKind::io);
  CHECK_FALSE(extractor.write_file("a/b", "2", 0644).ok());
  CHECK_FALSE(extractor.write_symlink("a", "x").ok());
  CHECK(fs::read_file(dir / "a").value() == "1");
}

TEST_CASE("no link leads out") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "root"));
  REQUIRE_OK(fs::make_dirs(dir / "outside/sub"));
  REQUIRE(::symlink("../outside", (dir / "root/link").c_str()) == 0);
  REQUIRE(::symlink("../outside/file", (dir / "root/dangling").c_str()) == 0);
  auto extractor = Extractor::open((dir / "root").string()).value();
  REQUIRE_OK(extractor.write_symlink("made", "../outside"));
  for (const auto* path : {"link/file", "link/sub/file", "link/new/file", "made/file", "dangling", "../outside/file"}) {
    CAPTURE(path);
    CHECK_FALSE(extractor.write_file(path, "x", 0644).ok());
  }
  CHECK_FALSE(extractor.make_dir("link/new").ok());
  CHECK(fs::list_dir(dir / "outside").value() == std::vector<std::string>{"sub"});
  CHECK(fs::list_dir(dir / "outside/sub").value().empty());
}

TEST_CASE("many threads write into many folders, more than are kept open") {
  const test::TempDir dir;
  auto extractor = Extractor::open(dir.path().string()).value();
  parallel_for(500, 4,
               [&](std::size_t i) { CHECK(extractor.write_file(cat("d", i % 250, "/e/f", i), cat(i), 0644).ok()); });
  for (std::size_t i = 0; i < 500; i += 97) CHECK(fs::read_file(dir / cat("d", i % 250, "/e/f", i)).value() == cat(i));
}
