#pragma once
// What builds miss most often, and which Debian package (or Python distribution) has it. Tables only.

#include <string_view>

namespace pkg::builder {

// The Debian package; empty when it is not known.
std::string_view package_of_header(std::string_view header);    // as in #include: "libxml/xmlversion.h"
std::string_view package_of_library(std::string_view library);  // as in -l: "ssl"
std::string_view package_of_program(std::string_view program);  // "gcc", also "x86_64-linux-gnu-gcc"

// The distribution that a build requirement would name for a module; the module's own first part when nothing else is
// known.
std::string_view distribution_of_module(std::string_view module);
// Modules that were Python's own before: the first version without it ("3.12"), "3.0" for those of Python 2; empty for
// others.
std::string_view module_gone_since(std::string_view module);

}  // namespace pkg::builder
