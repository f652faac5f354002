#pragma once
// Releases of a finished resolution that cannot be installed on a platform where they are to be: they have no wheel for
// it, and no source archive that may be built.

#include <cstdint>
#include <string>
#include <vector>

#include "resolver/fork.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

// promised: what `required-environments` and `environments` name (docs/reference/lockfile.md#promised). sought: those
// for whose sake other releases are taken: of `required-environments`, and the usual ones.
enum class PlatformChoice : std::uint8_t { promised, sought };

// The platforms on which the pin is installed and has no file, in the words of whoever named them; where that is so for
// some Pythons only, with a marker of those.
std::vector<std::string> platforms_without_file(const Pin& pin, PlatformChoice choice, ForkWorld& world);

// For the user: one line for each pin without a file on a promised platform, the last one with what to do.
std::vector<std::string> lacking_file_warnings(const Resolution& resolution, ForkWorld& world);

}  // namespace pkg::resolver
