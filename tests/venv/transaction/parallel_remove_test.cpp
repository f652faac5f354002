#include "venv/transaction/parallel_remove.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

void write(const stdfs::path& path) { std::ofstream(path) << "x"; }

TEST_CASE("a tree goes with all that is in it, and links go without what they lead to") {
  const test::TempDir dir;
  const auto tree = dir.path() / "tree";
  stdfs::create_directories(dir.path() / "outside");
  write(dir.path() / "outside/kept");
  for (int i = 0; i < 40; ++i) {
    const auto folder = tree / cat("d", i) / "a" / "b" / cat("c", i);
    stdfs::create_directories(folder);
    for (int k = 0; k < 20; ++k) write(folder / cat("f", k));
    write(tree / cat("d", i) / "file");
    stdfs::create_directory_symlink(dir.path() / "outside", tree / cat("d", i) / "link");
  }
  CHECK(parallel_remove(AT_FDCWD, tree.string(), tree.string()).ok());
  CHECK_FALSE(stdfs::exists(tree));
  CHECK(stdfs::exists(dir.path() / "outside/kept"));
}

TEST_CASE("a tree deeper than descriptors are held for goes too") {
  const test::TempDir dir;
  stdfs::path deep = dir.path() / "tree";
  for (int i = 0; i < 60; ++i) deep /= cat("level", i);
  stdfs::create_directories(deep);
  write(deep / "file");
  CHECK(parallel_remove(AT_FDCWD, (dir.path() / "tree").string(), "tree").ok());
  CHECK_FALSE(stdfs::exists(dir.path() / "tree"));
}

TEST_CASE("what is absent is discarded already; what is no folder is an error") {
  const test::TempDir dir;
  const auto gone = [&](const std::string& name) {
    return parallel_remove(AT_FDCWD, (dir.path() / name).string(), name).ok();
  };
  CHECK(gone("absent"));
  write(dir.path() / "file");
  CHECK_FALSE(gone("file"));
  CHECK(stdfs::exists(dir.path() / "file"));
}

}  // namespace
}  // namespace pkg::venv
