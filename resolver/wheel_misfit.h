#pragma once
// Why none of a release's wheels can be used.

#include <span>
#include <string>
#include <string_view>

#include "pep/target.h"

namespace pkg::resolver {

// After "has wheels": "for other Pythons only (CPython 3.7 to 3.10; this is CPython 3.12)". Told is what comes nearest
// to fitting: this platform with another ABI, with another Python, with a newer C library, and only then other
// platforms. `file_names`: of wheels that the target does not take. Without tags (a universal resolution) it is the
// platforms.
std::string wheel_misfit(std::span<const std::string_view> file_names, const pep::Target& target);

}  // namespace pkg::resolver
