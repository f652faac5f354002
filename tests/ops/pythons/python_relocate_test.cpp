#include "ops/pythons/python_relocate.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
using ops::with_prefix;

TEST_CASE("a prefix is replaced where it stands as a path") {
  CHECK(with_prefix("prefix=/install", "/install", "/p") == "prefix=/p");
  CHECK(with_prefix("'/install/lib:/install'", "/install", "/p") == "'/p/lib:/p'");
  CHECK(with_prefix("-I/install/include -L/install/lib", "/install", "/p") == "-I/p/include -L/p/lib");
  CHECK(with_prefix("/installed /x/install /install-x", "/install", "/p") == "/installed /x/install /install-x");
  CHECK(with_prefix("/install", "", "/p") == "/install");
  CHECK(with_prefix("/install/install", "/install", "/install") == "/install/install");
}

TEST_CASE("compilers that are not here become the usual ones") {
  const auto nothing_is_here = [](const std::string&) { return false; };
  const auto all_is_here = [](const std::string&) { return true; };
  const std::string data =
      "{'CC': '/tools/clang -pthread',\n 'CXX': 'clang++',\n 'AR': '/tools/llvm-ar',\n 'X': '/tools/clang'}";
  CHECK(ops::with_own_compilers(data, nothing_is_here) ==
        "{'CC': 'cc -pthread',\n 'CXX': 'c++',\n 'AR': 'ar',\n 'X': '/tools/clang'}");
  CHECK(ops::with_own_compilers(data, all_is_here) == data);
  CHECK(ops::with_own_compilers("{'CC': '", nothing_is_here) == "{'CC': '");
}

TEST_CASE("what the build wrote down names the final place") {
  const test::TempDir dir;
  const auto write = [&](const std::string& name, std::string_view text, int mode = 0644) {
    REQUIRE_OK(fs::make_dirs((dir / name).parent_path()));
    REQUIRE_OK(fs::publish(dir / name, text, fs::Durability::none, mode));
  };
  const auto read = [&](const std::string& name) { return *fs::read_file(dir / name); };
  write("bin/python3.14", "program", 0755);
  write("bin/pip", "#!/install/bin/python3.14\nx = '/install'\n", 0755);
  write("bin/old", "#!/home/builder/bin/python3 -s\nx\n", 0755);
  write("bin/relocatable", "#!/bin/sh\n'''exec' \"$(dirname \"$0\")/python3.14\" \"$0\"\n' '''\n", 0755);
  write("lib/python3.14/os.py", "");
  write("lib/python3.14/_sysconfigdata__linux_.py", "build_time_vars = {'prefix': '/install', 'CC': 'sh -c'}\n");
  write("lib/python3.14/__pycache__/_sysconfigdata__linux_.cpython-314.pyc", "old");
  write("lib/python3.14/config-3.14/Makefile", "prefix=\t/install\n");
  write("lib/pkgconfig/python3.pc", "prefix=/install\n");
  write(
      "lib/python3.14/build-details.json",
      R"({"base_prefix": "/install", "base_interpreter": "/install/bin/python3.14", "c_api": {"headers": "/install/include"}})");
  const auto key = venv::parse_python_key("cpython-3.14.3-linux-x86_64-gnu");
  REQUIRE(key);
  REQUIRE_OK(ops::settle_python(dir.path(), "/final/place", *key));
  CHECK(read("bin/pip") == "#!/final/place/bin/python3.14\nx = '/install'\n");
  CHECK(read("bin/old") == "#!/final/place/bin/python3.14\nx\n");
  CHECK(read("bin/relocatable").starts_with("#!/bin/sh\n"));
  CHECK(read("lib/python3.14/_sysconfigdata__linux_.py") ==
        "build_time_vars = {'prefix': '/final/place', 'CC': 'sh -c'}\n");
  CHECK_FALSE(fs::exists(dir / "lib/python3.14/__pycache__/_sysconfigdata__linux_.cpython-314.pyc"));
  CHECK(read("lib/python3.14/config-3.14/Makefile") == "prefix=\t/final/place\n");
  CHECK(read("lib/pkgconfig/python3.pc") == "prefix=/final/place\n");
  const auto details = read("lib/python3.14/build-details.json");
  CHECK(details.find("/install") == std::string::npos);
  CHECK(details.find("\"/final/place/include\"") != std::string::npos);
  CHECK(read("lib/python3.14/EXTERNALLY-MANAGED").starts_with("[externally-managed]\nError="));
  CHECK(std::filesystem::read_symlink(dir / "bin/python3") == "python3.14");
  CHECK((std::filesystem::status(dir / "bin/pip").permissions() & std::filesystem::perms::owner_exec) !=
        std::filesystem::perms::none);
}

TEST_CASE("a prefix of the system is not replaced, and an archive without an interpreter is none") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "bin"));
  REQUIRE_OK(fs::make_dirs(dir / "lib/python3.14"));
  REQUIRE_OK(fs::publish(dir / "lib/python3.14/os.py", ""));
  const auto key = venv::parse_python_key("cpython-3.14.3-linux-x86_64-gnu");
  CHECK(ops::settle_python(dir.path(), "/final", *key).error().message == "the archive holds no cpython 3.14");
  REQUIRE_OK(fs::publish(dir / "bin/python3.14", "program", fs::Durability::none, 0755));
  REQUIRE_OK(fs::publish(dir / "lib/python3.14/_sysconfigdata_.py", "{'prefix': '/usr', 'X': '/usr/bin/env'}\n"));
  REQUIRE_OK(ops::settle_python(dir.path(), "/final", *key));
  CHECK(*fs::read_file(dir / "lib/python3.14/_sysconfigdata_.py") == "{'prefix': '/usr', 'X': '/usr/bin/env'}\n");
}
