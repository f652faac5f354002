#pragma once
// Lines of errors and warnings that quote what others wrote: no longer than a person reads.

#include <string>
#include <string_view>

namespace pkg::cli {

// The line itself, or where it is longer than 2,000 bytes its beginning and end, and how much was left out between
// them. Never cuts inside a UTF-8 sequence.
std::string shortened(std::string_view line);

}  // namespace pkg::cli
