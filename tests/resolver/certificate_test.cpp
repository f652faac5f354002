// A right lock, and what is found wrong with it once it was tampered with.

#include "resolver/certificate.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/markers.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;
using resolver::Pin;
using resolver::Resolution;

namespace {

constexpr const char* kWorld = R"(
app 2 {extras fast}: lib>=2, helper ; sys_platform == 'win32', speed ; extra == 'fast'
lib 1:
lib 2: base
lib 3 {python >=3.11}: base
base 1:
helper 1: base
speed 1:
)";
constexpr const char* kQuestion =
    "--python >=3.9 app, app[fast] ; 'x' in extras, lib<3 ; python_version < '3.11', lib>=3 ; python_version >= "
    "'3.11', base ; 'y' in extras";

using test::marker;

Pin& pin(Resolution& resolution, std::string_view name, std::string_view version) {
  for (Pin& one : resolution.pins)
    if (one.name.str() == name && one.version.to_string() == version) return one;
  FAIL("no such pin");
  return resolution.pins.front();
}

std::string judged(const std::function<void(Resolution&)>& change) {
  test::World world;
  REQUIRE_OK(test::load_world(kWorld, world));
  const auto problem = test::lock_problem(kQuestion);
  REQUIRE_OK(problem);
  auto answer = resolver::resolve(*problem, world);
  REQUIRE_OK(answer);
  REQUIRE(std::holds_alternative<Resolution>(*answer));
  Resolution resolution = std::move(std::get<Resolution>(*answer));
  change(resolution);
  resolver::ForkWorld forks(*problem->universe);
  return resolver::flaw_of(resolution, *problem, forks).value_or("");
}

}  // namespace

TEST_CASE("a lock that was just found is right") {
  CHECK(judged([](Resolution&) {}) == "");
}

TEST_CASE("a lock that was tampered with is wrong, and the sentence says where") {
  CHECK(judged([](Resolution& lock) {
          std::erase_if(lock.pins, [](const Pin& one) { return one.name.str() == "base"; });
        }) == "the project needs base; \"y\" in extras, and none is installed where \"y\" in extras");
  CHECK(judged([](Resolution& lock) {
          pin(lock, "helper", "1").marker = marker("os_name == 'nt' and 'x' in extras");
        }) == "app 2 needs helper; sys_platform == \"win32\", and none is installed where sys_platform == \"win32\"");
  CHECK(judged([](Resolution& lock) { pin(lock, "helper", "1").marker = {}; }) ==
        "nothing needs helper 1 where sys_platform != \"win32\"");
  CHECK(judged([](Resolution& lock) { pin(lock, "speed", "1").marker = marker("'x' in extras or 'y' in extras"); }) ==
        "nothing needs speed 1 where \"y\" in extras");
  CHECK(judged([](Resolution& lock) { pin(lock, "lib", "3").marker = {}; }) ==
        "lib 3 and 2 are both installed where python_version < \"3.11\"");
  CHECK(judged([](Resolution& lock) { std::swap(pin(lock, "lib", "3").marker, pin(lock, "lib", "2").marker); }) ==
        "the project needs lib<3; python_version < \"3.11\", and lib 3 is installed where python_version < \"3.11\"");
  CHECK(judged([](Resolution& lock) { pin(lock, "app", "2").extras.clear(); }) == "app 2 lacks the extra fast");
  CHECK(judged([](Resolution& lock) { pin(lock, "lib", "2").version = pep::Version::parse("1").value(); }) ==
        "app 2 needs lib>=2, and lib 1 is installed where python_version < \"3.11\"");
}
