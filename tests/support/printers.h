#pragma once
// doctest shows our types by their to_string().

#include <doctest/doctest.h>

#include <string>

#include "base/result.h"

namespace doctest {
template <class T>
requires requires(const T& value) {
  { to_string(value) } -> std::convertible_to<std::string>;
}
struct StringMaker<T> {
  static String convert(const T& value) { return String(std::string(to_string(value)).c_str()); }
};
}  // namespace doctest

// Requires that a Result holds a value, and shows the error's message where it does not.
#define REQUIRE_OK(...)                                                                                  \
  do {                                                                                                   \
    const auto& require_ok_ = (__VA_ARGS__);                                                             \
    REQUIRE_MESSAGE(require_ok_.ok(), (require_ok_.ok() ? std::string() : require_ok_.error().message)); \
  } while (false)
