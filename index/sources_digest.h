#pragma once
// Where projects are looked for, as a key: for what the cache keeps of resolutions.

#include <string>

#include "index/settings.h"

namespace pkg::index {

// Of indexes and find-links without credentials, how each is reached (Access), which goes first, and which projects are bound to which. Hex.
std::string sources_digest(const Settings& settings);

}  // namespace pkg::index
