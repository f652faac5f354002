#include "venv/environment.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "venv/create.h"
#include "venv/pyvenv_cfg.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

void write(const stdfs::path& path, std::string_view content) {
  stdfs::create_directories(path.parent_path());
  REQUIRE_OK(fs::publish(path, content));
}

}  // namespace

TEST_CASE("pyvenv.cfg is read as CPython, virtualenv and uv write it") {
  const auto cfg = parse_pyvenv_cfg(
      "HOME= /usr/bin \r\nimplementation = CPython\nversion_info = 3.12.1.final.0\ninclude-system-site-packages = "
      "True\n"
      "prompt = 'a = b'\nbase-executable = /usr/bin/python3.12\nnonsense\n");
  REQUIRE_OK(cfg);
  CHECK(cfg->home == "/usr/bin");
  CHECK(cfg->version == "3.12.1");
  CHECK(cfg->implementation == "CPython");
  CHECK(cfg->include_system_site_packages);
  CHECK(cfg->prompt == "a = b");
  CHECK(cfg->executable == "/usr/bin/python3.12");
  CHECK(parse_pyvenv_cfg("version = 3.12").error().message == "`pyvenv.cfg` names no `home`");
}

TEST_CASE("opening an environment starts no Python and finds its folders") {
  const test::TempDir temp;
  const stdfs::path env = temp / "env";
  struct Row {
    const char* cfg;
    const char* lib;
    const char* headers;
  };
  for (const Row& row :
       {Row{"home = /x\nversion = 3.12.1\n", "lib/python3.12/site-packages", "include/site/python3.12"},
        Row{"home = /x\nversion = 3.13.0\n", "lib/python3.13t/site-packages", "include/site/python3.13t"},
        Row{"home = /x\nversion = 3.9.16\n", "lib/pypy3.9/site-packages", "include/site/pypy3.9"},
        Row{"home = /x\nimplementation = PyPy\nversion_info = 3.10.2\n", "lib/pypy3.10/site-packages",
            "include/site/pypy3.10"},
        Row{"home = /x\n", "lib/python3.8/site-packages", "include/site/python3.8"}}) {
    CAPTURE(row.cfg);
    REQUIRE_OK(fs::remove_tree(env));
    write(env / "pyvenv.cfg", row.cfg);
    stdfs::create_directories(env / row.lib);
    const auto opened = open_environment(env, {});
    REQUIRE_OK(opened);
    CHECK(opened->kind == EnvironmentKind::venv);
    CHECK(opened->layout.purelib == env / row.lib);
    CHECK(opened->layout.platlib == env / row.lib);
    CHECK(opened->layout.headers == env / row.headers);
    CHECK(opened->layout.scripts == env / "bin");
    CHECK(opened->python == env / "bin/python");
    CHECK(opened->state_dir() == env / ".pkg");
  }
}

TEST_CASE("an environment is opened by its folder, with or without a slash, and by its interpreter") {
  const test::TempDir temp;
  write(temp / "env/pyvenv.cfg", "home = /x\nversion = 3.12.1\n");
  stdfs::create_directories(temp / "env/lib/python3.12/site-packages");
  stdfs::create_directories(temp / "env/bin");
  for (const char* name : {"env", "env/", "env/bin/python", "env/bin/../", "env/."}) {
    CAPTURE(name);
    const auto opened = open_environment(temp.path() / name, {});
    REQUIRE_OK(opened);
    CHECK(opened->layout.prefix == temp / "env");
  }
}

TEST_CASE("what is no environment, or a damaged one, is said so") {
  const test::TempDir temp;
  stdfs::create_directories(temp / "empty");
  CHECK(open_environment(temp / "empty", {}).error().kind == ErrorKind::not_found);
  CHECK(open_environment(temp / "nowhere", {}).error().kind == ErrorKind::not_found);
  write(temp / "bad/pyvenv.cfg", "\0\0\0");
  CHECK(open_environment(temp / "bad", {}).error().kind == ErrorKind::bad_data);
  write(temp / "bare/pyvenv.cfg", "home = /x\nversion = 3.12.1\n");
  CHECK(open_environment(temp / "bare", {}).error().kind == ErrorKind::bad_data);
}

TEST_CASE("an environment whose interpreter is gone says which and what to do") {
  const test::TempDir temp;
  const stdfs::path env = temp / "env";
  write(env / "pyvenv.cfg", "home = /nowhere/bin\nversion = 3.12.1\n");
  stdfs::create_directories(env / "lib/python3.12/site-packages");
  stdfs::create_directories(env / "bin");
  stdfs::create_symlink("/nowhere/bin/python3.12", env / "bin/python");
  const auto opened = open_environment(env, {});
  REQUIRE_OK(opened);
  const auto interpreter = interpreter_of(*opened, {});
  REQUIRE(!interpreter.ok());
  CHECK(interpreter.error().kind == ErrorKind::not_found);
  CHECK(interpreter.error().message == cat("the interpreter of the environment `", env.native(),
                                           "` is gone: there is none at `/nowhere/bin/python3.12`"));
  CHECK(interpreter.error().hint == cat("make it again: pkg venv --clear ", env.native()));
}

TEST_CASE("an environment's interpreter is derived from its base without running it") {
  const test::TempDir temp;
  const auto base = find_interpreter({}, temp / "cache");
  REQUIRE_OK(base);
  REQUIRE_OK(create(*base, {.folder = temp / "env"}));
  // The interpreter in the environment could not even be run.
  REQUIRE_OK(fs::remove_tree(temp / "env/bin/python3"));
  const auto opened = open_environment(temp / "env", temp / "cache");
  REQUIRE_OK(opened);
  const auto derived = interpreter_of(*opened, temp / "cache");
  REQUIRE_OK(derived);
  CHECK(derived->executable == temp / "env/bin/python");
  CHECK(derived->prefix == temp / "env");
  CHECK(derived->base_prefix == base->base_prefix);
  CHECK(derived->is_virtual());
  CHECK(!derived->externally_managed.has_value());
  CHECK(derived->target.environment == base->target.environment);
  CHECK(derived->facts == base->facts);
  CHECK(derived->platform == base->platform);
  CHECK(derived->layout.purelib == opened->layout.purelib);
}

TEST_CASE("leave is asked before a foreign interpreter is started, and not again once it was") {
  const test::TempDir temp;
  const auto base = find_interpreter({}, {});
  REQUIRE_OK(base);
  REQUIRE_OK(create(*base, {.folder = temp / "env"}));
  const auto opened = open_environment(temp / "env", {});
  REQUIRE_OK(opened);
  std::vector<std::string> asked;
  bool answer = false;
  const Leave leave{.ask =
                        [&](const std::string& why) {
                          asked.push_back(why);
                          return answer;
                        },
                    .for_copies = false};
  REQUIRE_OK(interpreter_of(*opened, temp / "cache of its own", leave));
  CHECK(asked.empty());
  write(temp / "env/pyvenv.cfg", cat("home = /nowhere/bin\nversion = ", opened->python_version, "\n"));
  const auto cache = temp / "cache";
  CHECK(interpreter_of(*opened, cache, leave).error().kind == ErrorKind::conflict);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0] == cat("the environment `", (temp / "env").native(), "` leads to the interpreter `",
                        base->real_executable.native(),
                        "`, which is not the one of `pyvenv.cfg`: its home `/nowhere/bin` is not on this machine"));
  CHECK(is_doubtful(*opened, cache));
  answer = true;
  REQUIRE_OK(interpreter_of(*opened, cache, leave));
  CHECK_FALSE(is_doubtful(*opened, cache));
  REQUIRE_OK(interpreter_of(*opened, cache, leave));
  CHECK(asked.size() == 2);
}

TEST_CASE("an environment made for another version than its interpreter has now is refused") {
  const test::TempDir temp;
  const auto base = find_interpreter({}, temp / "cache");
  REQUIRE_OK(base);
  REQUIRE_OK(create(*base, {.folder = temp / "env"}));
  write(temp / "env/pyvenv.cfg", "home = /usr/bin\nversion = 3.99.0\n");
  stdfs::create_directories(temp / "env/lib/python3.99/site-packages");
  const auto opened = open_environment(temp / "env", temp / "cache");
  REQUIRE_OK(opened);
  CHECK(interpreter_of(*opened, temp / "cache").error().kind == ErrorKind::bad_data);
}

TEST_CASE("a conda environment is opened by its folder") {
  const test::TempDir temp;
  stdfs::create_directories(temp / "c/conda-meta");
  CHECK(open_environment(temp / "c", {}).error().kind == ErrorKind::not_found);
  stdfs::create_directories(temp / "c/lib/python3.12/site-packages");
  const auto opened = open_environment(temp / "c", {});
  REQUIRE_OK(opened);
  CHECK(opened->kind == EnvironmentKind::conda);
  CHECK(opened->layout.purelib == temp / "c/lib/python3.12/site-packages");
}

}  // namespace pkg::venv
