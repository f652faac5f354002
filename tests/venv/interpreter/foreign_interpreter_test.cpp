#include "venv/interpreter/foreign_interpreter.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "venv/environment.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// A machine with an interpreter in opt/bin and a checkout with an environment.
struct Machine {
  test::TempDir temp;
  stdfs::path root = stdfs::canonical(temp.path()), checkout = root / "work/checkout", prefix = checkout / ".venv";
  Machine() {
    program(root / "opt/bin/python3.12");
    stdfs::create_directories(checkout / ".git");
    stdfs::create_directories(prefix / "bin");
  }
  static void program(const stdfs::path& path) {
    stdfs::create_directories(path.parent_path());
    REQUIRE_OK(fs::publish(path, "#!/bin/sh\n"));
  }
  std::optional<std::string> why(const stdfs::path& base, const stdfs::path& home,
                                 const stdfs::path& executable = {}) const {
    InterpreterOrigin origin;
    origin.cfg.home = home;
    origin.cfg.executable = executable;
    origin.program = origin.base = stdfs::canonical(base);
    return why_foreign(prefix, origin);
  }
};

}  // namespace

TEST_CASE("nothing is said of an interpreter in the home that pyvenv.cfg names, by whatever links") {
  const Machine machine;
  const auto base = machine.root / "opt/bin/python3.12";
  CHECK_FALSE(machine.why(base, base.parent_path()));
  stdfs::create_directory_symlink("opt", machine.root / "current");
  CHECK_FALSE(machine.why(base, machine.root / "current/bin"));
  // A folder of links to programs elsewhere.
  stdfs::create_directories(machine.root / "links");
  stdfs::create_symlink("../opt/bin/python3.12", machine.root / "links/python3");
  CHECK_FALSE(machine.why(base, machine.root / "links"));
  CHECK_FALSE(machine.why(base, "/usr/bin", base));
}

TEST_CASE("an interpreter from the checkout, or from elsewhere than pyvenv.cfg says, is foreign") {
  const Machine machine;
  const auto base = machine.root / "opt/bin/python3.12", planted = machine.checkout / "tools/python3.12";
  Machine::program(planted);
  CHECK(machine.why(planted, "/usr/bin") ==
        cat("lies in `", machine.checkout.native(), "` like the environment itself"));
  CHECK(machine.why(planted, planted.parent_path()));
  CHECK(machine.why(base, "/usr/bin") == "is not in the home `/usr/bin` that `pyvenv.cfg` names");
  CHECK(machine.why(base, "/nowhere/bin") ==
        "is not the one of `pyvenv.cfg`: its home `/nowhere/bin` is not on this machine");
  CHECK(machine.why(base, "opt/bin"));
}

TEST_CASE("the checkout is what has the version control's folder; the home folder and what is above it is none") {
  const Machine machine;
  const auto beside = machine.root / "work/python3.12";
  Machine::program(beside);
  CHECK_FALSE(machine.why(beside, beside.parent_path()));
  stdfs::create_directories(machine.root / "work/.git");
  stdfs::remove(machine.checkout / ".git");
  CHECK(machine.why(beside, beside.parent_path()));
  const std::string home = ::getenv("HOME") == nullptr ? "" : ::getenv("HOME");
  ::setenv("HOME", (machine.root / "work").c_str(), 1);
  CHECK_FALSE(machine.why(beside, beside.parent_path()));
  ::setenv("HOME", home.c_str(), 1);
}

TEST_CASE("pyenv's own repository is no checkout, and another one called so is") {
  Machine machine;
  const auto pyenv = machine.root / "pyenv", base = pyenv / "versions/3.12.1/bin/python3.12";
  Machine::program(base);
  stdfs::create_directories(pyenv / ".git");
  machine.prefix = pyenv / "versions/3.12.1/envs/mine";
  stdfs::create_directories(machine.prefix);
  CHECK(machine.why(base, base.parent_path()));
  ::setenv("PYENV_ROOT", (machine.root / "pyenv/").c_str(), 1);
  CHECK_FALSE(machine.why(base, base.parent_path()));
  ::unsetenv("PYENV_ROOT");
}

TEST_CASE("the machine's folders of programs are no checkouts") {
  Machine machine;
  InterpreterOrigin origin;
  origin.cfg.home = "/usr/bin";
  origin.program = origin.base = stdfs::canonical("/usr/bin/env");
  origin.cfg.executable = origin.base.native();
  for (const char* prefix : {"/usr/venv", "/usr/local/venv", "/usr/bin/venv", "/opt/venv"})
    CHECK_FALSE(why_foreign(prefix, origin));
}

TEST_CASE("another user's interpreter is foreign in that user's environment and where everybody may write") {
  if (::geteuid() != 0) return;
  const Machine machine;
  const auto base = machine.root / "opt/bin/python3.12";
  const auto home = base.parent_path();
  REQUIRE(::chown(base.c_str(), 4321, 4321) == 0);
  const bool is_public = machine.root.native().starts_with("/tmp/");
  CHECK(machine.why(base, home).has_value() == is_public);
  REQUIRE(::lchown(machine.prefix.c_str(), 4321, 4321) == 0);
  CHECK(machine.why(base, home) == "belongs to another user, like the environment itself");
  CHECK(foreign_owner(machine.prefix) == 4321u);
  ::setenv("SUDO_UID", "4321", 1);
  CHECK_FALSE(machine.why(base, home));
  CHECK_FALSE(foreign_owner(machine.prefix));
  ::unsetenv("SUDO_UID");
}

TEST_CASE("a copied interpreter is compared with the one it should be") {
  const Machine machine;
  const auto base = machine.root / "opt/bin/python3.12", copy = machine.prefix / "bin/python";
  stdfs::copy_file(base, copy);
  CHECK(is_same_program(copy, base));
  REQUIRE_OK(fs::publish(copy, "#!/bin/ls\n"));
  CHECK_FALSE(is_same_program(copy, base));
}

TEST_CASE("a pyvenv.cfg that is a pipe, a device or too long is one error") {
  const Machine machine;
  const auto cfg = machine.prefix / "pyvenv.cfg";
  const auto refused = [&](std::string_view what) {
    return cat("cannot read `", cfg.native(), "`: it is a ", what, ", expected a regular file");
  };
  REQUIRE(::mkfifo(cfg.c_str(), 0600) == 0);
  CHECK(open_environment(machine.prefix, {}).error().message == refused("named pipe"));
  stdfs::remove(cfg);
  stdfs::create_symlink("/dev/zero", cfg);
  CHECK(open_environment(machine.prefix, {}).error().message == refused("device"));
  stdfs::remove(cfg);
  REQUIRE_OK(fs::publish(cfg, std::string(2u << 20, 'x')));
  CHECK(open_environment(machine.prefix, {}).error().kind == ErrorKind::bad_data);
}

}  // namespace pkg::venv
