#pragma once
// Requirements and Requires-Python of distributions that were uploaded before anybody checked them. What the strict
// readers (pep/requirement, pep/specifier) refuse is mended where there is no doubt about what was meant.
//
// For metadata of distributions and pages of indexes only: what a user writes is read by the strict readers alone.

#include <optional>
#include <string>
#include <string_view>

#include "pep/specifier.h"

namespace pkg::pep {

// `text`, which the strict reader refused, in a form that may please it; nullopt: there is nothing known to mend.
std::optional<std::string> mended_requirement(std::string_view text);
std::optional<std::string> mended_specifiers(std::string_view text);

// A Requires-Python as written, mended where that is needed; nullopt: it is no list of specifiers.
std::optional<SpecifierSet> read_requires_python(std::string_view text);

}  // namespace pkg::pep
