#pragma once
// The version of the simple repository API that a page declares (PEP 629).

#include <string_view>

#include "base/result.h"

namespace pkg::index {

// Whether `text` ("1.4") is a newer minor version than this program knows: worth a warning. unsupported: another major;
// bad_data: no version.
Result<bool> check_api_version(std::string_view text);

}  // namespace pkg::index
