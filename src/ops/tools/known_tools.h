#pragma once
// Tools that ran here before, and where they came from: those of another origin, and all others, are asked about before
// they are fetched. `<state>/known-tools`, one line each: name, tab, origin.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "pep/name.h"

namespace pkg::ops {

// `origin`: the index (its name, or its URL without credentials), or the URL of a source. `state_dir`: Session's;
// empty: nothing is known.
bool is_known_tool(const std::filesystem::path& state_dir, const pep::Name& name, const std::string& origin);
// Failing is no error: it is asked about again.
void remember_tool(const std::filesystem::path& state_dir, const pep::Name& name, const std::string& origin);

}  // namespace pkg::ops
