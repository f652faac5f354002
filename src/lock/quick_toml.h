#pragma once
// The TOML that tools write into lock files, parsed ten times as fast as all of TOML.

#include <optional>
#include <string_view>

#include "base/toml.h"

namespace pkg::lock {

// What toml::parse() gives, without columns; nullopt: something in `text` is unusual or wrong, and toml::parse() is to
// decide. Unusual are escapes, text beyond ASCII, multi-line strings, dotted keys, floats, odd integers and local
// times, headers that come back to a table.
std::optional<toml::Value> quick_parse(std::string_view text);

}  // namespace pkg::lock
