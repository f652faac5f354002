#pragma once
// Reading a variable of this process.

#include <cstdlib>

namespace pkg {

// Null when the variable is not set or empty. Threads: any, since nothing in pkg sets variables.
inline const char* environment_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace pkg
