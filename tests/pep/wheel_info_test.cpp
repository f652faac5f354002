#include "pep/wheel_info.h"

#include "support/printers.h"

namespace pkg::pep {

TEST_CASE("the WHEEL file is read") {
  const auto info = WheelInfo::parse(
      "Wheel-Version: 1.0\nGenerator: bdist_wheel (0.43)\nRoot-Is-Purelib: False\nTag: cp312-cp312-linux_x86_64\nTag: "
      "cp312-abi3-any\nBuild: 2\n\n");
  REQUIRE_OK(info);
  CHECK(info->major == 1);
  CHECK(info->minor == 0);
  CHECK_FALSE(info->root_is_purelib);
  CHECK(info->tags == std::vector<std::string>{"cp312-cp312-linux_x86_64", "cp312-abi3-any"});
  CHECK(info->generator == "bdist_wheel (0.43)");
  CHECK(info->build == "2");
}

TEST_CASE("a wheel's root is pure only when it says so") {
  CHECK(WheelInfo::parse("Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")->root_is_purelib);
  CHECK_FALSE(WheelInfo::parse("Wheel-Version: 1.0\n")->root_is_purelib);
}

TEST_CASE("a wheel of another format version is refused") {
  CHECK(WheelInfo::parse("Wheel-Version: 1.9\n")->minor == 9);
  CHECK(WheelInfo::parse("Wheel-Version: 0.1\nRoot-Is-Purelib: true\n")->root_is_purelib);  // as of 2012
  CHECK(WheelInfo::parse("Wheel-Version: 2.0\n").error() ==
        make_error(ErrorKind::unsupported,
                   "the wheel has format version 2.0, only 1.x and what was before it are understood"));
  CHECK(WheelInfo::parse("Wheel-Version: 1\n").error().message == "the Wheel-Version `1` is malformed, expected `1.0`");
  CHECK(WheelInfo::parse("Wheel-Version: 1.0\nWheel-Version: 1.0\n").error().message ==
        "the WHEEL file gives its Wheel-Version more than once");
  CHECK(WheelInfo::parse("").error().message == "the WHEEL file has no Wheel-Version");
}

}  // namespace pkg::pep
