#include "resolver/lacking_files.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

constexpr std::string_view kWorld =
    "linux 1 {wheel cp312-cp312-manylinux_2_17_x86_64}:\n"
    "old 2 {wheel cp312-cp312-manylinux_2_17_x86_64, wheel cp312-cp312-macosx_11_0_arm64}:\n"
    "source 1 {sdist, wheel cp312-cp312-manylinux_2_17_x86_64}:\n"
    "pure 1 {wheel py3-none-any}:\n"
    "python 1 {wheel cp312-cp312-win_amd64, wheel cp312-cp312-manylinux_2_17_x86_64}:\n";

// The warnings of the lock that the question asks for, without what they advise.
std::string warnings(std::string_view question, bool wished = false) {
  test::World world;
  REQUIRE_OK(test::load_world(std::string(kWorld), world));
  auto problem = test::lock_problem(question);
  REQUIRE_OK(problem);
  for (auto& required : problem->universe->required) required.wished = wished;
  const auto answer = resolver::resolve(*problem, world);
  REQUIRE_OK(answer);
  const auto* resolution = std::get_if<resolver::Resolution>(&*answer);
  REQUIRE(resolution != nullptr);
  std::string text;
  for (const auto& line : resolution->warnings) append(text, line.substr(0, line.find(" (a platform tag")), "\n");
  return text;
}

}  // namespace

TEST_CASE("a release without a file for an environment that the lock is for is warned about") {
  constexpr std::string_view kThree =
      "--python ==3.12.* --environment {sys_platform == 'linux'} --environment {sys_platform == 'darwin'} "
      "--environment {sys_platform == 'win32'} ";
  CHECK(warnings(cat(kThree, "linux")) ==
        "`linux` 1 has no file for `sys_platform == \"darwin\"` and `sys_platform == \"win32\"`, and cannot be "
        "installed there\n");
  CHECK(warnings(cat(kThree, "old, pure, source")) ==
        "`old` 2 has no file for `sys_platform == \"win32\"`, and cannot be installed there\n");
  CHECK(warnings(cat(kThree, "--only-binary source source")) ==
        "`source` 1 has no file for `sys_platform == \"darwin\"` and `sys_platform == \"win32\"`, and cannot be "
        "installed there\n");
  CHECK(warnings(cat(kThree, "linux ; sys_platform == 'linux', old ; sys_platform != 'win32'")).empty());
}

TEST_CASE("nothing is promised where nobody names a platform") {
  CHECK(warnings("--python ==3.12.* linux").empty());
  CHECK(warnings("--python ==3.12.* --environment {implementation_name == 'cpython'} linux").empty());
}

TEST_CASE("a wish that cannot be met is told by its name") {
  CHECK(warnings("--python ==3.12.* --required win_amd64 {sys_platform == 'win32' and platform_machine == 'AMD64'} "
                 "win_amd64 linux",
                 true) == "`linux` 1 has no file for `win_amd64`, and cannot be installed there\n");
}

TEST_CASE("where a file is missing for some Pythons only, they are told") {
  CHECK(warnings("--python >=3.11,<3.13 --environment {sys_platform == 'win32'} python") ==
        "`python` 1 has no file for `sys_platform == \"win32\" with python_version < \"3.12\"`, and cannot be "
        "installed there\n");
}
