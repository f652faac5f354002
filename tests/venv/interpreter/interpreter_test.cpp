#include "venv/interpreter/interpreter.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/fs.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/pyenv.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

const test::ScopedEnv kNoManagedPythons("PKG_PYTHON_DIR", "/nowhere");

const stdfs::path& cache() {
  static const test::TempDir folder;
  return folder.path();
}

void write_program(const stdfs::path& path, std::string_view content) {
  stdfs::create_directories(path.parent_path());
  REQUIRE_OK(fs::publish(path, content, fs::Durability::none, 0755));
}

// A program that answers the probe as a Python of this version would.
void write_fake_python(const stdfs::path& path, const std::string& version,
                       const std::string& implementation = "cpython", bool gil_disabled = false) {
  const auto numbers = leading_version(version);
  const json::Json answer = {{"base_executable", path.native()},
                             {"prefix", "/p"},
                             {"base_prefix", "/p"},
                             {"stdlib", "/p/lib"},
                             {"paths", {"/p/a", "/p/a", "/p/bin", "/p", "/p/include"}},
                             {"user_paths", {"~/a", "~/a", "~/bin", "~", "~/include"}},
                             {"site_folders", {"/p/a"}},
                             {"version", numbers},
                             {"platlibdir", "lib"},
                             {"ext_suffix", implementation == "pypy" ? ".pypy310-pp73-x86_64-linux-gnu.so"
                                                                     : ".cpython-312-x86_64-linux-gnu.so"},
                             {"gil_disabled", gil_disabled},
                             {"debug", false},
                             {"pymalloc", true},
                             {"is_32bit", false},
                             {"platform_string", "linux_x86_64"},
                             {"glibc", {2, 36}},
                             {"musl", {0, 0}},
                             {"armhf", false},
                             {"environment",
                              {"posix", "linux", "x86_64", implementation, "r", "Linux", "v",
                               cat(numbers[0], '.', numbers[1]), version, implementation, version}}};
  write_program(path, cat("#!/bin/sh\necho run >> '", path.native(),
                          ".runs'\ncat <<'END'\nwarning: noise\npkg-probe:", json::dump(answer), "\nEND\n"));
}

std::string found(const std::string& request) {
  const auto interpreter = find_interpreter(request, {});
  return interpreter.ok() ? interpreter->executable.native() : interpreter.error().message;
}

}  // namespace

TEST_CASE("requests name implementations, versions and ranges") {
  struct Row {
    const char* text;
    const char* implementation;
    std::vector<int> version;
    const char* specifiers;
    bool threaded;
  };
  for (const Row& row :
       {Row{"3", "", {3}, "", false}, Row{"3.12", "", {3, 12}, "", false}, Row{"3.12.1", "", {3, 12, 1}, "", false},
        Row{"3.13t", "", {3, 13}, "", true}, Row{"312", "", {3, 12}, "", false},
        Row{">=3.11,<3.13", "", {}, "<3.13,>=3.11", false}, Row{"cpython3.12", "cpython", {3, 12}, "", false},
        Row{"CPython@3.12", "cpython", {3, 12}, "", false}, Row{"cp312", "cpython", {3, 12}, "", false},
        Row{"cpython-3.12", "cpython", {3, 12}, "", false}, Row{"pypy", "pypy", {}, "", false},
        Row{"pypy3.10", "pypy", {3, 10}, "", false}, Row{"pp310", "pypy", {3, 10}, "", false},
        Row{"python3.12", "", {3, 12}, "", false}, Row{"pypy>=3.9", "pypy", {}, ">=3.9", false}}) {
    CAPTURE(row.text);
    const auto request = parse_request(row.text);
    REQUIRE(request.has_value());
    CHECK(request->implementation == row.implementation);
    CHECK(request->version == row.version);
    CHECK((request->specifiers ? request->specifiers->to_string() : "") == row.specifiers);
    CHECK(request->gil_disabled.value_or(false) == row.threaded);
  }
  for (const char* text : {"./x", "/usr/bin/python", ".venv", "venv", "3.x", "3.12.1.2", "pythonista", ">=nonsense"}) {
    CAPTURE(text);
    CHECK(!parse_request(text).has_value());
  }
}

TEST_CASE("interpreters are looked for on PATH by name, then among pyenv's versions, newest first") {
  const test::TempDir temp;
  const test::ScopedEnv path("PATH", cat((temp / "a").native(), ":", (temp / "b").native(), ":/bin").c_str());
  const test::ScopedEnv root("PYENV_ROOT", (temp / "pyenv").c_str());
  write_fake_python(temp / "a/python3", "3.11.4");
  write_fake_python(temp / "b/python3.12", "3.12.0");
  write_fake_python(temp / "b/python3.13t", "3.13.2", "cpython", true);
  write_fake_python(temp / "pyenv/versions/3.9.1/bin/python", "3.9.1");
  write_fake_python(temp / "pyenv/versions/3.9.18/bin/python", "3.9.18");
  write_fake_python(temp / "pyenv/versions/pypy3.10-7.3.12/bin/python", "3.10.12", "pypy");
  CHECK(found("") == (temp / "a/python3").native());
  CHECK(found("3") == (temp / "a/python3").native());
  CHECK(found("3.12") == (temp / "b/python3.12").native());
  CHECK(found("python3.12") == (temp / "b/python3.12").native());
  CHECK(found("3.13t") == (temp / "b/python3.13t").native());
  CHECK(found("3.9") == (temp / "pyenv/versions/3.9.18/bin/python").native());
  CHECK(found("3.9.1") == (temp / "pyenv/versions/3.9.1/bin/python").native());
  CHECK(found(">=3.9,<3.10") == (temp / "pyenv/versions/3.9.18/bin/python").native());
  CHECK(found("pypy") == (temp / "pyenv/versions/pypy3.10-7.3.12/bin/python").native());
  CHECK(found("python3.9") == (temp / "pyenv/versions/3.9.18/bin/python").native());
}

TEST_CASE("when nothing fits the message says what was looked at") {
  const test::TempDir temp;
  const test::ScopedEnv path("PATH", ((temp / "a").native() + ":/nowhere").c_str());
  const test::ScopedEnv root("PYENV_ROOT", (temp / "pyenv").c_str());
  write_program(temp / "a/python3", "#!/bin/sh\nexit 3\n");
  CHECK(found("3.12") == cat("found no interpreter for `3.12`: looked at `", (temp / "a/python3").native(), "` (`",
                             (temp / "a/python3").native(), "` does not run as a Python interpreter: exit code 3)"));
  CHECK(found("nosuch") == "found no interpreter called `nosuch`: looked in the folders of PATH");
}

TEST_CASE("a pyenv shim is answered from pyenv's files and never run") {
  const test::ScopedEnv not_set("PYENV_VERSION", nullptr);  // it would count before the files
  const test::TempDir temp;
  const stdfs::path root = temp / "pyenv";
  const test::ScopedEnv path("PATH", ((root / "shims").native() + ":/usr/bin:/bin").c_str());
  const test::ScopedEnv pyenv_root("PYENV_ROOT", (root.native() + "/").c_str());
  write_program(root / "shims/python3", "#!/bin/sh\ntouch \"$0.ran\"\nexit 1\n");
  for (const char* version : {"3.9.1", "3.12.1", "3.12.10"})
    write_fake_python(root / "versions" / version / "bin/python3", version);
  REQUIRE_OK(fs::publish(root / "version", "3.9.1\n"));
  const auto pyenv = Pyenv::find();
  REQUIRE(pyenv.has_value());
  stdfs::create_directories(temp / "project/inner");
  CHECK(pyenv->resolve("python3", temp / "project/inner") == root / "versions/3.9.1/bin/python3");
  REQUIRE_OK(fs::publish(temp / "project/.python-version", "# ours\n3.12\n"));
  CHECK(pyenv->resolve("python3", temp / "project/inner") == root / "versions/3.12.10/bin/python3");
  CHECK(pyenv->resolve("python3", temp.path()) == root / "versions/3.9.1/bin/python3");
  CHECK(pyenv->resolve("nosuch", temp.path()) == std::nullopt);
  {
    const test::ScopedEnv chosen("PYENV_VERSION", "3.7.0:3.12.1");
    CHECK(pyenv->resolve("python3", temp / "project/inner") == root / "versions/3.12.1/bin/python3");
    CHECK(found("") == (root / "versions/3.12.1/bin/python3").native());
    CHECK(found((root / "shims/python3").native()) == (root / "versions/3.12.1/bin/python3").native());
  }
  CHECK(!fs::exists(root / "shims/python3.ran"));
}

TEST_CASE("what the probe says is what Python's own modules say, for each interpreter here") {
  const auto interpreters = list_interpreters(cache());
  REQUIRE_OK(interpreters);
  REQUIRE(!interpreters->empty());
  // packaging's definition of the marker variables, by the standard library.
  constexpr const char* kMarkers = R"(
import os, sys, platform, sysconfig
v = sys.implementation.version
version = '{0.major}.{0.minor}.{0.micro}'.format(v) + ('' if v.releaselevel == 'final' else v.releaselevel[0] + str(v.serial))
for item in (os.name, sys.platform, platform.machine(), platform.python_implementation(), platform.release(), platform.system(), platform.version(),
             '.'.join(platform.python_version_tuple()[:2]), platform.python_version(), sys.implementation.name, version,
             sys.prefix, sys.base_prefix, sysconfig.get_path('purelib'), sysconfig.get_path('platlib'), sysconfig.get_path('scripts'),
             sysconfig.get_path('stdlib'), sysconfig.get_config_var('EXT_SUFFIX')):
    print(item)
)";
  for (const auto& interpreter : *interpreters) {
    CAPTURE(interpreter.executable.native());
    process::Command command;
    command.argv = {interpreter.executable.native(), "-I", "-c", kMarkers};
    const auto output = process::run(command);
    REQUIRE_OK(output);
    const auto& e = interpreter.target.environment;
    std::string ours;
    for (const auto& text :
         {e.os_name, e.sys_platform, e.platform_machine, e.platform_python_implementation, e.platform_release,
          e.platform_system, e.platform_version, e.python_version, e.python_full_version, e.implementation_name,
          e.implementation_version, interpreter.prefix.native(), interpreter.base_prefix.native(),
          interpreter.layout.purelib.native(), interpreter.layout.platlib.native(), interpreter.layout.scripts.native(),
          interpreter.stdlib, cat('.', interpreter.soabi, ".so")}) {
      append(ours, text, '\n');
    }
    CHECK(ours == output->out);
    REQUIRE(interpreter.target.tags != nullptr);
    CHECK(interpreter.target.tags->size() > 100);
    CHECK(interpreter.platform.glibc_major + interpreter.platform.musl_major > 0);
    CHECK(interpreter.facts.abis.size() == 1);
  }
}

TEST_CASE("a record answers until the interpreter's file changes; damage is a miss") {
  ProbedFacts facts;
  facts.base_executable = "/usr/bin/python3.12";
  facts.site_folders = {"/a", "/b"};
  facts.version[0] = 3;
  facts.version[1] = 12;
  facts.glibc[1] = 36;
  facts.armhf = true;
  facts.environment.platform_version = "#1 SMP";
  const fs::FileKey key{.device = 1, .inode = 2, .size = 3, .mtime_ns = 4};
  const std::string bytes = encode_record(facts, key, "/usr/bin/python3.12");
  CHECK(decode_record(bytes, key, "/usr/bin/python3.12") == facts);
  fs::FileKey later = key;
  later.mtime_ns = 5;
  CHECK(decode_record(bytes, later, "/usr/bin/python3.12") == std::nullopt);
  CHECK(decode_record(bytes, key, "/usr/bin/python3.13") == std::nullopt);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(!decode_record(bytes.substr(0, size), key, "/usr/bin/python3.12").has_value());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    CHECK(!decode_record(damaged, key, "/usr/bin/python3.12").has_value());
  }
}

TEST_CASE("an interpreter is probed once and remembered, but a script in front of one is asked again") {
  const test::TempDir temp;
  const auto real = find_interpreter({}, cache());
  REQUIRE_OK(real);
  stdfs::create_symlink(real->real_executable, temp / "python3");  // what PATH has may be a script in front of it
  REQUIRE_OK(probe(temp / "python3", temp / "cache"));
  CHECK(fs::list_dir(temp / "cache/interpreters-v1")->size() == 1);
  REQUIRE_OK(probe(real->real_executable, temp / "cache"));
  CHECK(fs::list_dir(temp / "cache/interpreters-v1")->size() == 1);

  write_fake_python(temp / "bin/python", "3.12.0");
  REQUIRE_OK(probe(temp / "bin/python", temp / "cache"));
  REQUIRE_OK(probe(temp / "bin/python", temp / "cache"));
  CHECK(fs::read_file(temp / "bin/python.runs").value() == "run\nrun\n");
}

TEST_CASE("what is no supported Python is refused in words") {
  const test::TempDir temp;
  const auto python = temp / "python";
  const auto error_of = [&](std::string_view script) {
    write_program(python, script);
    return probe(python, {}).error();
  };
  const std::string name = cat("`", python.native(), "`");
  const auto two = error_of("#!/bin/sh\necho 'Unknown option: -I' >&2\nexit 2\n");
  CHECK(two.kind == ErrorKind::unsupported);
  CHECK(two.message == cat("the Python 2 at ", name, " is too old: pkg works with Python 3.7 and newer"));
  CHECK(error_of("#!/bin/sh\necho hello\n").message ==
        cat(name, " does not run as a Python interpreter: it printed no answer"));
  CHECK(error_of("#!/bin/sh\necho 'pkg-probe:{}'\n").kind == ErrorKind::bad_data);
  CHECK(error_of("#!/bin/sh\necho 'pkg-probe:{'\n").kind == ErrorKind::bad_data);
  write_fake_python(python, "3.12.1");
  const auto fractions = error_of(replace_all(fs::read_file(python).value(), "[3,12,1]", "[1e300,12,1]"));
  CHECK(fractions.kind == ErrorKind::bad_data);
  write_fake_python(python, "3.6.15");
  const auto old = probe(python, {}).error();
  CHECK(old.kind == ErrorKind::unsupported);
  CHECK(old.message == cat("Python 3.6.15 at ", name, " is too old: pkg works with Python 3.7 and newer"));
  CHECK(probe(temp / "nowhere", {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("the user's folders follow PYTHONUSERBASE and HOME, not the record") {
  const auto real = find_interpreter({}, cache());
  REQUIRE_OK(real);
  const test::ScopedEnv home("HOME", "/home/somebody");
  CHECK(probe(real->executable, cache())->user_layout.scripts == "/home/somebody/.local/bin");
  const test::ScopedEnv base("PYTHONUSERBASE", "/base");
  CHECK(probe(real->executable, cache())->user_layout.scripts == "/base/bin");
}

TEST_CASE("an EXTERNALLY-MANAGED file is seen when it is there") {
  const test::TempDir temp;
  ProbedFacts facts;
  facts.stdlib = temp.path().native();
  CHECK(!interpreter_from(facts, "/x").externally_managed.has_value());
  REQUIRE_OK(fs::publish(temp / "EXTERNALLY-MANAGED", "[externally-managed]\n"));
  CHECK(interpreter_from(facts, "/x").externally_managed == temp / "EXTERNALLY-MANAGED");
}

}  // namespace pkg::venv
