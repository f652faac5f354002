#include "venv/interpreter/stable_path.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// tree/bin/python3.12, python3 beside it as a link.
struct Tree {
  test::TempDir temp;
  Tree() {
    stdfs::create_directories(temp / "3.12.4/bin");
    REQUIRE_OK(fs::publish(temp / "3.12.4/bin/python3.12", "#!/bin/sh\n"));
    stdfs::create_symlink("python3.12", temp / "3.12.4/bin/python3");
    stdfs::create_directory_symlink("3.12.4", temp / "current");
  }
  stdfs::path stable(const stdfs::path& executable) const {
    Interpreter interpreter;
    interpreter.executable = executable;
    interpreter.real_executable = temp / "3.12.4/bin/python3.12";
    return stable_executable(interpreter);
  }
};

}  // namespace

TEST_CASE("a link to the tree is kept") {
  const Tree tree;
  CHECK(tree.stable(tree.temp / "current/bin/python3") == tree.temp / "current/bin/python3.12");
  CHECK(tree.stable(tree.temp / "3.12.4/bin/python3") == tree.temp / "3.12.4/bin/python3.12");
}

TEST_CASE("a way with `..` in it counts as far as it leads to the same file") {
  const Tree tree;
  stdfs::create_directories(tree.temp / "project");
  CHECK(tree.stable(tree.temp / "project/../current/bin/python3") == tree.temp / "current/bin/python3.12");
  stdfs::create_directories(tree.temp / "away/deep");
  stdfs::create_directory_symlink("away/deep", tree.temp / "link");
  stdfs::create_directory_symlink("../3.12.4", tree.temp / "away/current");
  // Not `current` beside `link`, where that is another tree.
  stdfs::remove(tree.temp / "current");
  CHECK(tree.stable(tree.temp / "link/../current/bin/python3") == tree.temp / "3.12.4/bin/python3.12");
}

TEST_CASE("links of the executable alone are followed") {
  const Tree tree;
  stdfs::create_directories(tree.temp / "links");
  stdfs::create_symlink(tree.temp / "current/bin/python3", tree.temp / "links/py");
  CHECK(tree.stable(tree.temp / "links/py") == tree.temp / "current/bin/python3.12");
  stdfs::create_symlink("../current/bin/python3", tree.temp / "links/relative");
  CHECK(tree.stable(tree.temp / "links/relative") == tree.temp / "current/bin/python3.12");
}

TEST_CASE("a wrapper, a circle and another environment's interpreter give the real one") {
  const Tree tree;
  const auto real = tree.temp / "3.12.4/bin/python3.12";
  REQUIRE_OK(fs::publish(tree.temp / "wrapper", "#!/bin/sh\n"));
  CHECK(tree.stable(tree.temp / "wrapper") == real);
  stdfs::create_symlink("circle", tree.temp / "circle");
  CHECK(tree.stable(tree.temp / "circle") == real);
  stdfs::create_directories(tree.temp / "env/bin");
  REQUIRE_OK(fs::publish(tree.temp / "env/pyvenv.cfg", "home = /x\n"));
  stdfs::create_hard_link(real, tree.temp / "env/bin/python");
  CHECK(tree.stable(tree.temp / "env/bin/python") == real);
}

}  // namespace pkg::venv
