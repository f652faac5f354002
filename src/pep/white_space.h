#pragma once
// White space as Python's str.strip() and \s see it, in UTF-8: version texts may be padded with it (PEP 440, "Leading
// and trailing whitespace").

#include <cstddef>
#include <string_view>

namespace pkg::pep {

// Bytes of the white-space character at the start of `text`; 0 when there is none.
std::size_t leading_space(std::string_view text);
std::string_view strip_spaces(std::string_view text);

}  // namespace pkg::pep
