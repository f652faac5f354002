#pragma once
// JSON through nlohmann: parse with a depth limit of 64, dump. Headers take this file (the forward declarations); .cpp
// files include <nlohmann/json.hpp> themselves.

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::json {

using Json = nlohmann::ordered_json;

// bad_data with line and column on malformed text, too deep nesting, or invalid UTF-8.
Result<Json> parse(std::string_view text, std::size_t max_depth = 64);
// indent < 0: one line. Invalid UTF-8 in strings becomes U+FFFD. A final newline is not added.
std::string dump(const Json& value, int indent = -1);

}  // namespace pkg::json
