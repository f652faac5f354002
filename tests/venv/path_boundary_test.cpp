#include "venv/path_boundary.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

TEST_CASE("paths are normalised lexically") {
  CHECK(normalize("/a//b/./c/") == "/a/b/c");
  CHECK(normalize("/a/b/../c") == "/a/c");
  CHECK(normalize("/../../a") == "/a");
  CHECK(normalize("/") == "/");
  CHECK(normalize("/a/..") == "/");
}

TEST_CASE("being below a folder is decided by components") {
  CHECK(is_below("/env/x", "/env"));
  CHECK_FALSE(is_below("/environment/x", "/env"));
  CHECK_FALSE(is_below("/env", "/env"));
  CHECK(is_below("/x", "/"));
}

TEST_CASE("a plain relative path has no way out") {
  for (const char* good : {"a", "a/b", "..a", "a..", "a b"}) CHECK_MESSAGE(is_plain_relative(good), good);
  for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a"})
    CHECK_MESSAGE(!is_plain_relative(bad), bad);
  CHECK_FALSE(is_plain_relative(std::string_view("a\0b", 3)));
}

TEST_CASE("the environment's own files are known by name and place") {
  const Boundary boundary(environment_layout("/nowhere/env", "cpython", 3, 12, false));
  for (const char* own : {"pyvenv.cfg", ".gitignore", "CACHEDIR.TAG", "lib64", ".pkg", ".pkg/lock", "bin/python",
                          "bin/python3", "bin/python3.12", "bin/python3.13t", "bin/pypy3.10", "bin/activate",
                          "bin/activate.fish", "bin/activate_this.py", "bin/Activate.ps1"})
    CHECK_MESSAGE(boundary.is_environments_own(boundary.absolute(own)), own);
  for (const char* other : {"bin/python-config", "bin/activate-global-x", "bin/pip", "bin/pythonic", "share/pyvenv.cfg",
                            "lib/python3.12/site-packages/activate"})
    CHECK_MESSAGE(!boundary.is_environments_own(boundary.absolute(other)), other);
  CHECK(boundary.is_fixed_folder("/nowhere"));
  CHECK(boundary.is_fixed_folder("/nowhere/env/lib/python3.12"));
  CHECK_FALSE(boundary.is_fixed_folder("/nowhere/env/share"));
  CHECK(boundary.relative("/nowhere/env/bin/x") == "bin/x");
  CHECK(boundary.relative("/nowhere/environment/x") == "/nowhere/environment/x");
}

TEST_CASE("what pkg writes into site-packages is known, and where it can lie") {
  const Boundary boundary(environment_layout("/nowhere/env", "cpython", 3, 12, false));
  const std::string site = "lib/python3.12/site-packages";
  for (const char* own :
       {"_pkg_links.py", "_pkg_links.pth", "_pkg_run.pth", "__pycache__/_pkg_links.cpython-312.pyc"}) {
    const auto path = boundary.absolute(site + "/" + own);
    CHECK_MESSAGE(boundary.is_pkgs_own(path), own);
    CHECK_MESSAGE(boundary.may_hold_own(parent_of(path)), own);
  }
  for (const char* other :
       {"_pkg_links_x.py", "a/_pkg_links.py", "a/__pycache__/_pkg_links.cpython-312.pyc", ".gitignore"})
    CHECK_MESSAGE(!boundary.is_pkgs_own(boundary.absolute(site + "/" + other)), other);
  CHECK_FALSE(boundary.may_hold_own(boundary.absolute(site + "/a")));
  Layout target;
  target.prefix = target.purelib = target.platlib = target.data = "/nowhere/target";
  target.scripts = "/nowhere/target/bin";
  target.headers = "/nowhere/target/include";
  const Boundary folder(target);
  CHECK(folder.may_hold_own("/nowhere/target/.pkg/tx"));
  CHECK(folder.is_environments_own("/nowhere/target/.pkg/tx/journal"));
  CHECK_FALSE(folder.is_environments_own("/nowhere/target/.gitignore"));
}

TEST_CASE("links in the existing part of a path are followed") {
  test::TempDir temp;
  std::filesystem::create_directories(temp / "real/deep");
  std::filesystem::create_directory_symlink("real", temp / "link");
  const std::string real = std::filesystem::canonical(temp / "real").string();
  CHECK(resolved((temp / "link/deep/new/file").string()) == real + "/deep/new/file");
  CHECK(resolved((temp / "link").string()) == real);
}

TEST_CASE("a path resolver says what resolved() says") {
  namespace stdfs = std::filesystem;
  const test::TempDir dir;
  stdfs::create_directories(dir.path() / "real/deep");
  stdfs::create_directory_symlink("real", dir.path() / "link");
  stdfs::create_directory_symlink("nowhere", dir.path() / "dangling");
  stdfs::create_directory_symlink(dir.path() / "link/deep", dir.path() / "real/up");
  PathResolver resolver;
  for (const std::string below :
       {"real/deep/x", "link/deep/x/y", "dangling/x", "link/up/z", "real", "absent/a/b", "link/../real/deep", ""}) {
    const auto path = (dir.path() / below).string();
    CHECK_MESSAGE(resolver.of(path) == resolved(path), path);
    CHECK_MESSAGE(resolver.of(path) == resolved(path), path);
  }
  CHECK(resolver.of("/") == "/");
}

}  // namespace
}  // namespace pkg::venv
