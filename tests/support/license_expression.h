#pragma once
// SPDX license expressions, as License-Expression wants them (PEP 639).

#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::pep {

// The expression with official spellings, upper-case operators and single spaces; bad_data says what is wrong.
Result<std::string> normalize_license_expression(std::string_view text);

}  // namespace pkg::pep
