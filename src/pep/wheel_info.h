#pragma once
// The WHEEL file of a wheel (PEP 427).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct WheelInfo {
  int major = 1, minor = 0;       // Wheel-Version
  bool root_is_purelib = true;    // absent in the file: false
  std::vector<std::string> tags;  // as written
  std::string generator, build;
  static Result<WheelInfo> parse(std::string_view text);  // a missing or malformed Wheel-Version is bad_data; major
                                                          // over 1: unsupported. 0.x (of 2012) is as 1.0
};

}  // namespace pkg::pep
