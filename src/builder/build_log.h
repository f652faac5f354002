#pragma once
// What to show of a failed build's log: its telling lines and its end, and a hint for what is missing.

#include <string>
#include <string_view>
#include <vector>

namespace pkg::builder {

// At most `limit` lines, in order: those that name errors (compiler, linker, Python exceptions) and the last ones.
std::vector<std::string> telling_lines(std::string_view log, std::size_t limit = 20);

// One sentence on what to do: a missing compiler or tool, a header or library (with the Debian package that has it
// where known), a Python module that the build requirements lack, `distutils` on Python 3.12 or later. Empty: nothing
// was recognised.
std::string hint_for(std::string_view log);

}  // namespace pkg::builder
