#pragma once
// "did you mean": project names that are known without asking anybody, because their pages are in the cache.

#include <optional>
#include <string>

#include "index/settings.h"
#include "pep/name.h"

namespace pkg::index {

// The nearest name to `word` among the projects of the configured indexes whose pages the cache holds; nullopt: none is
// near enough. Lists folders: for error messages only.
std::optional<std::string> nearest_cached_project(const Settings& settings, const pep::Name& word);

}  // namespace pkg::index
