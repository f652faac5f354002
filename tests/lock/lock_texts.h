#pragma once
// Locks for tests, from a few lines of TOML.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "lock/pylock.h"
#include "support/printers.h"

namespace pkg::test {

inline pep::Name name(const std::string& text) { return pep::Name::parse(text).value(); }

// `body` is what comes after the keys that each lock has.
inline lock::LockFile lock_from(const std::string& body) {
  const auto lock = lock::parse_pylock(cat("lock-version = \"1.0\"\ncreated-by = \"t\"\n", body), "pylock.toml");
  REQUIRE_OK(lock);
  return *lock;
}

inline std::string sha(char digit) { return std::string(64, digit); }

// A package of one pure wheel.
inline std::string wheel_package(const std::string& project, const std::string& version, const std::string& more = {},
                                 char digit = 'a') {
  return cat("[[packages]]\nname = \"", project, "\"\nversion = \"", version, "\"\n", more,
             "wheels = [{ url = \"https://files.example/", project, "-", version,
             "-py3-none-any.whl\", hashes = { sha256 = \"", sha(digit), "\" } }]\n");
}

}  // namespace pkg::test
