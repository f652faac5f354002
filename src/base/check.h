#pragma once
// Broken invariants stop the program with file and line, in release builds too. Not for bad input: that is an Error.

namespace pkg {
[[noreturn]] void check_failed(const char* what, const char* file, int line);
}

#define PKG_CHECK(condition)                               \
  do {                                                     \
    if (!(condition)) [[unlikely]]                         \
      ::pkg::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
#define PKG_UNREACHABLE() ::pkg::check_failed("unreachable", __FILE__, __LINE__)
