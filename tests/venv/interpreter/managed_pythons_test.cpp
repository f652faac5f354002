#include "venv/interpreter/managed_pythons.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"
#include "venv/interpreter/interpreter.h"
#include "venv/interpreter/interpreter_request.h"

using namespace pkg;
namespace stdfs = std::filesystem;

namespace {

// A program that is no Python: nothing here starts it.
void put_python(const stdfs::path& root, const std::string& name, const std::string& program) {
  REQUIRE_OK(fs::make_dirs(root / name / "bin"));
  REQUIRE_OK(fs::publish(root / name / "bin" / program, "", fs::Durability::none, 0755));
}

std::string listed(const stdfs::path& root) {
  std::string text;
  for (const auto& python : venv::managed_pythons(root))
    append(text, python.key.version, python.key.variant().empty() ? "" : "+", python.key.variant(), " ",
           python.stable_python.lexically_relative(root).native(), "\n");
  return text;
}

}  // namespace

TEST_CASE("names of builds come back from their parts, and nothing else is one") {
  for (const char* name : {"cpython-3.13.5-linux-x86_64-gnu", "cpython-3.14.0rc2+freethreaded-linux-aarch64-musl",
                           "pypy-3.10.14-linux-x86_64-gnu", "cpython-3.13.5+freethreaded+debug-darwin-aarch64-none"}) {
    CAPTURE(name);
    const auto key = venv::parse_python_key(name);
    REQUIRE(key);
    CHECK(key->name() == name);
  }
  for (const char* name : {"cpython-3.13-linux-x86_64-gnu", "cpython-3.13.5-linux-x86_64", "", "cpython-3.13.5",
                           "../python-3.13.5-linux-x86_64-gnu", "cpython-3.13.5-linux-x86/64-gnu", ".new-1-2-3-4",
                           "cpython-3.13.5+debug+freethreaded-linux-x86_64-gnu", "cpython-3.13.5+-linux-x86_64-gnu",
                           "cpython-3.13.5+x-linux-x86_64-gnu", "cpython--linux-x86_64-gnu"}) {
    CAPTURE(name);
    CHECK_FALSE(venv::parse_python_key(name));
  }
  const auto key = venv::parse_python_key("cpython-3.14.0rc2+freethreaded-linux-x86_64-gnu");
  CHECK(key->minor_name() == "cpython-3.14+freethreaded-linux-x86_64-gnu");
}

TEST_CASE("managed interpreters are listed newest first, by the link of their version where it leads to them") {
  const test::TempDir dir;
  put_python(dir.path(), "cpython-3.9.18-linux-x86_64-gnu", "python3.9");
  put_python(dir.path(), "cpython-3.13.5-linux-x86_64-gnu", "python3.13");
  put_python(dir.path(), "cpython-3.13.10-linux-x86_64-gnu", "python3.13");
  put_python(dir.path(), "cpython-3.13.10+freethreaded-linux-x86_64-gnu", "python3.13t");
  put_python(dir.path(), "cpython-3.12.1-linux-x86_64-gnu", "nothing");
  put_python(dir.path(), ".new-x", "python3.13");
  stdfs::create_symlink("cpython-3.13.10-linux-x86_64-gnu", dir / "cpython-3.13-linux-x86_64-gnu");
  CHECK(listed(dir.path()) ==
        "3.13.10 cpython-3.13-linux-x86_64-gnu/bin/python3.13\n"
        "3.13.10+freethreaded cpython-3.13.10+freethreaded-linux-x86_64-gnu/bin/python3.13t\n"
        "3.13.5 cpython-3.13.5-linux-x86_64-gnu/bin/python3.13\n"
        "3.9.18 cpython-3.9.18-linux-x86_64-gnu/bin/python3.9\n");
  CHECK(listed(dir / "nowhere").empty());
}

TEST_CASE("the folder of managed interpreters is the user's, or what PKG_PYTHON_DIR says") {
  const auto variables = [](const char* python, const char* data) -> Getenv {
    return [=](const char* name) -> const char* {
      const std::string_view text(name);
      return text == "PKG_PYTHON_DIR" ? python : text == "XDG_DATA_HOME" ? data : text == "HOME" ? "/h" : nullptr;
    };
  };
  CHECK(venv::managed_folder(variables(nullptr, nullptr)) == "/h/.local/share/pkg/python");
  CHECK(venv::managed_folder(variables(nullptr, "/d")) == "/d/pkg/python");
  CHECK(venv::managed_folder(variables("/p/x/", "/d")) == "/p/x");
  CHECK(venv::managed_folder(variables("relative", "/d")).empty());
}

TEST_CASE("requests name builds, platforms and pre-releases") {
  const auto accepts = [](const char* request, const char* name, bool any_prerelease = false) {
    const auto parsed = venv::parse_request(request);
    REQUIRE_MESSAGE(parsed, request);
    return parsed->accepts(*venv::parse_python_key(name), any_prerelease);
  };
  const char* plain = "cpython-3.13.5-linux-x86_64-gnu";
  for (const char* request : {"3.13", "3.13.5", "cpython", "cp313", "cpython@3.13", "python3.13", ">=3.12,<3.14",
                              "cpython-3.13-linux", "cpython-3.13.5-linux-x86_64-gnu", "3.13-linux-x86_64"})
    CHECK_MESSAGE(accepts(request, plain), request);
  for (const char* request : {"3.12", "3.13.4", "pypy", "3.13t", "3.13d", "3.13+debug", "cp313t", "cpython-3.13-darwin",
                              "cpython-3.13-linux-aarch64", "cpython-3.13-linux-x86_64-musl"})
    CHECK_MESSAGE(!accepts(request, plain), request);
  const char* threaded = "cpython-3.13.5+freethreaded-linux-x86_64-gnu";
  for (const char* request : {"3.13t", "cp313t", "3.13+freethreaded", "cpython-3.13t-linux-x86_64-gnu", "python3.13t"})
    CHECK_MESSAGE(accepts(request, threaded), request);
  CHECK_FALSE(accepts("3.13", threaded));
  CHECK(accepts("3.13td", "cpython-3.13.5+freethreaded+debug-linux-x86_64-gnu"));
  CHECK_FALSE(accepts(">=3.13", "cpython-3.14.0rc2-linux-x86_64-gnu"));
  CHECK(accepts(">=3.13", "cpython-3.14.0rc2-linux-x86_64-gnu", true));
  CHECK(accepts("3.14.0rc2", "cpython-3.14.0rc2-linux-x86_64-gnu"));
  CHECK_FALSE(accepts("3.14.0rc1", "cpython-3.14.0rc2-linux-x86_64-gnu"));
  for (const char* text :
       {"3.13-dev", "3.13+", "3.13+fast", "cpython-3.13-mars", "3.13-linux-x-y-z", "3.13-linux--gnu"})
    CHECK_MESSAGE(!venv::parse_request(text), text);
}
