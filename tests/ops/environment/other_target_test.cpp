#include "ops/environment/other_target.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "ops/environment/target.h"
#include "support/printers.h"

using namespace pkg;
using ops::OtherTarget;

namespace {

venv::Interpreter cpython311() {
  venv::Interpreter interpreter;
  interpreter.facts = {.implementation = "cpython", .version = {3, 11}, .abis = {"cp311"}};
  interpreter.platform.machine = "x86_64";
  interpreter.platform.glibc_major = 2;
  interpreter.platform.glibc_minor = 36;
  auto& environment = interpreter.target.environment;
  environment.implementation_name = "cpython";
  environment.platform_python_implementation = "CPython";
  environment.python_version = "3.11";
  environment.python_full_version = environment.implementation_version = "3.11.7";
  environment.sys_platform = "linux";
  environment.os_name = "posix";
  environment.platform_machine = "x86_64";
  interpreter.target.python = pep::Version::parse("3.11.7").value();
  return interpreter;
}

pep::Target target(const OtherTarget& other) {
  auto made = ops::target_of(other, cpython311());
  REQUIRE_OK(made);
  return *made;
}

bool takes(const pep::Target& target, std::string_view interpreter, std::string_view abi, std::string_view platform) {
  return target.tags->rank(interpreter, abi, platform).has_value();
}

}  // namespace

TEST_CASE("nothing said is the interpreter itself") {
  CHECK_FALSE(OtherTarget{}.is_set());
  CHECK(target({}).environment == cpython311().target.environment);
}

TEST_CASE("a Python version may be written with and without dots") {
  struct Row {
    std::string text, minor, full;
  };
  for (const auto& row : {Row{"3.12", "3.12", "3.12.0"}, Row{"312", "3.12", "3.12.0"}, Row{"3.12.4", "3.12", "3.12.4"},
                          Row{"3", "3.0", "3.0.0"}, Row{"27", "2.7", "2.7.0"}, Row{"3.11", "3.11", "3.11.7"}}) {
    CAPTURE(row.text);
    const auto made = target({.platforms = {}, .abis = {}, .implementation = {}, .python_version = row.text});
    CHECK(made.environment.python_version == row.minor);
    CHECK(made.environment.python_full_version == row.full);
  }
  for (const auto* text : {"", "three", "3.x", "3.12.1.4", "3.12a1", "-3"}) {
    CAPTURE(std::string(text));
    if (std::string_view(text).empty()) continue;
    CHECK_FALSE(
        ops::target_of({.platforms = {}, .abis = {}, .implementation = {}, .python_version = text}, cpython311()).ok());
  }
}

TEST_CASE("tags follow the version, the ABI and the platforms") {
  const auto other =
      target({.platforms = {"macosx_11_0_arm64"}, .abis = {}, .implementation = {}, .python_version = "3.12"});
  CHECK(takes(other, "cp312", "cp312", "macosx_11_0_arm64"));
  CHECK(takes(other, "cp38", "abi3", "macosx_11_0_arm64"));
  CHECK(takes(other, "py3", "none", "any"));
  CHECK_FALSE(takes(other, "cp311", "cp311", "macosx_11_0_arm64"));
  CHECK_FALSE(takes(other, "cp312", "cp312", "manylinux_2_17_x86_64"));
  CHECK(other.environment.sys_platform == "darwin");
  CHECK(other.environment.platform_machine == "arm64");

  const auto abi = target({.platforms = {}, .abis = {"cp312t"}, .implementation = "cp", .python_version = "3.13"});
  CHECK(takes(abi, "cp313", "cp312t", "manylinux_2_17_x86_64"));
  CHECK_FALSE(takes(abi, "cp313", "cp313", "manylinux_2_17_x86_64"));
}

TEST_CASE("platforms nobody knows are taken by their letters, and several are tried in order") {
  const auto odd = target({.platforms = {"fake-1.0_machine", "manylinux2014_x86_64"},
                           .abis = {},
                           .implementation = {},
                           .python_version = {}});
  CHECK(takes(odd, "cp311", "cp311", "fake_1_0_machine"));
  CHECK(takes(odd, "cp311", "cp311", "manylinux_2_17_x86_64"));
  CHECK(takes(odd, "cp311", "cp311", "manylinux2014_x86_64"));
  CHECK_FALSE(takes(odd, "cp311", "cp311", "manylinux_2_28_x86_64"));
  CHECK(*odd.tags->rank("cp311", "cp311", "fake_1_0_machine") <
        *odd.tags->rank("cp311", "cp311", "manylinux2014_x86_64"));
}

TEST_CASE("an implementation changes tags and markers") {
  const auto any = target({.platforms = {"any"}, .abis = {"none"}, .implementation = "py", .python_version = "3.12"});
  CHECK(takes(any, "py3", "none", "any"));
  CHECK_FALSE(takes(any, "cp312", "cp312", "any"));
  const auto pypy =
      target({.platforms = {}, .abis = {"pypy310_pp73"}, .implementation = "pp", .python_version = "3.10"});
  CHECK(takes(pypy, "pp310", "pypy310_pp73", "manylinux_2_17_x86_64"));
  CHECK(pypy.environment.implementation_name == "pypy");
  CHECK(pypy.environment.platform_python_implementation == "PyPy");
}

TEST_CASE("a target that is named in full needs no Python on this machine") {
  const OtherTarget other{
      .platforms = {"manylinux_2_28_x86_64"}, .abis = {}, .implementation = {}, .python_version = "3.12"};
  const auto made = ops::target_of(other, ops::absent_interpreter());
  REQUIRE_OK(made);
  CHECK(takes(*made, "cp312", "cp312", "manylinux_2_17_x86_64"));
  CHECK(takes(*made, "py3", "none", "any"));
  CHECK_FALSE(takes(*made, "cp311", "cp311", "manylinux_2_17_x86_64"));
  CHECK(made->environment.python_full_version == "3.12.0");
  CHECK(made->environment.sys_platform == "linux");
  CHECK(made->environment.implementation_name == "cpython");
}
