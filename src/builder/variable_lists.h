#pragma once
// What is known of environment variables by their names alone: which builds get, which they do not, and which change
// what is built. docs/reference/builds.md#environment

#include <string_view>

namespace pkg::builder {

// Compilers, build tools, language, proxies …: all that a build gets with --no-build-variables.
bool is_familiar_variable(std::string_view name);

// Settings of installers, of the running Python, of the loader and the like: they would make a build work outside its
// own environment, or show it more than its sources.
bool breaks_isolation(std::string_view name);

// What besides a project may not set for the builds of others as long as its user does not trust it: where programs,
// certificates, proxies and the home are.
bool spends_trust(std::string_view name);

// Known to change what is built: compilers and their flags, switches by their usual words, and what begins with the
// project's own name (MULTIDICT_… for `multidict`). `project`: normalised; may be empty.
bool changes_what_is_built(std::string_view name, std::string_view project);

}  // namespace pkg::builder
