#pragma once
// The order in which an interpreter prefers tags, for tags.cpp and tags_set.cpp.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "pep/tags.h"

namespace pkg::pep {

using TagVisitor = std::function<void(std::string_view interpreter, std::string_view abi, std::string_view platform)>;

// Calls `visit` for all tags, best first. The order is that of the packaging specification: own ABI, stable ABI, none;
// older stable ABIs; then what any Python of this version runs.
void visit_tags(const InterpreterFacts& facts, std::span<const std::string> platforms, const TagVisitor& visit);

// True when `version` is major.minor or newer.
bool is_at_least(std::span<const int> version, int major, int minor);
// "312": the first two numbers of a version.
std::string version_digits(std::span<const int> version);

}  // namespace pkg::pep
