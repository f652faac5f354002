#pragma once
// Where and why a text could not be parsed, before it becomes an Error.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::pep {

struct ParseFailure {
  std::size_t offset = 0;  // bytes into the text
  std::string message;     // "expected a name", without the text itself
};

// bad_data: "`text` is not a marker: expected …", with the text and a caret as context. `what` begins with its article:
// "a marker".
Error to_error(const ParseFailure& failure, std::string_view what, std::string_view text);

}  // namespace pkg::pep
