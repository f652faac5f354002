#pragma once
// Where projects are looked for, as a key: for what the cache keeps of resolutions.

#include <string>

#include "index/settings.h"

namespace pkg::index {

// Hex. Of indexes and find-links without credentials, how each is reached (Access), which goes first, and what is bound
// to which.
std::string sources_digest(const Settings& settings);

}  // namespace pkg::index
