#include "venv/interpreter/python_version_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

struct Folders {
  test::TempDir temp;
  test::ScopedEnv pyenv{"PYENV_ROOT", "/nonexistent"};
  stdfs::path root = temp / "root", deep = root / "a/b", user = temp / "user";
  Folders() {
    stdfs::create_directories(deep);
    stdfs::create_directories(user);
  }
  static void write(const stdfs::path& folder, std::string_view text) {
    REQUIRE_OK(fs::publish(folder / ".python-version", text));
  }
  std::string request() const {
    const auto found = find_python_version_file(deep, root, user);
    return found ? found->request : "(none)";
  }
};

}  // namespace

TEST_CASE("the nearest .python-version up to the root counts, else the user's") {
  const Folders folders;
  CHECK(folders.request() == "(none)");
  Folders::write(folders.temp.path(), "3.8\n");
  CHECK(folders.request() == "(none)");  // above the root
  CHECK(find_python_version_file(folders.deep, {}, {})->request == "3.8");
  Folders::write(folders.user, "3.9\n");
  CHECK(folders.request() == "3.9");
  CHECK(find_python_version_file(folders.deep, folders.root, folders.user)->is_users);
  Folders::write(folders.root, "3.10\n");
  CHECK(folders.request() == "3.10");
  Folders::write(folders.deep, "3.11\n");
  CHECK(folders.request() == "3.11");
}

TEST_CASE("the first version of the file is taken, in pyenv's words too") {
  const Folders folders;
  const auto of = [&](std::string_view text) {
    Folders::write(folders.deep, text);
    return folders.request();
  };
  CHECK(of("# a comment\n\n  3.12.1 # why\n3.11\n") == "3.12.1");
  CHECK(of("cpython-3.13") == "cpython-3.13");
  CHECK(of("pypy3.10-7.3.12\n") == "pypy3.10");
  CHECK(of("system\n") == "(none)");
  CHECK(of("\n\n") == "(none)");
}

TEST_CASE("an environment of pyenv-virtualenv is found by its name") {
  const Folders folders;
  const test::ScopedEnv pyenv("PYENV_ROOT", folders.temp.path().c_str());
  const auto python = folders.temp / "versions/my-env/bin/python";
  stdfs::create_directories(python.parent_path());
  REQUIRE_OK(fs::publish(python, "#!/bin/sh\n"));
  REQUIRE(::chmod(python.c_str(), 0755) == 0);
  Folders::write(folders.deep, "my-env\n");
  CHECK(folders.request() == python.native());
}

TEST_CASE("a path or a program's name is never a request: the file may have come with a checkout") {
  const Folders folders;
  for (const char* text : {"./evil/python", "/bin/sh", "..", "evil", "../3.12"}) {
    Folders::write(folders.deep, text);
    const auto found = find_python_version_file(folders.deep, folders.root, {});
    REQUIRE(found);
    CHECK(found->request == "");
    CHECK(found->says == text);
  }
}

TEST_CASE("another user's file in a folder that everybody may write to does not count") {
  if (::geteuid() != 0) return;
  const Folders folders;
  Folders::write(folders.deep, "3.12\n");
  REQUIRE(::chown((folders.deep / ".python-version").c_str(), 12345, 12345) == 0);
  CHECK(folders.request() == "3.12");
  REQUIRE(::chmod(folders.deep.c_str(), 01777) == 0);
  CHECK(folders.request() == "(none)");
}

}  // namespace pkg::venv
