#pragma once
// Where the conformance vectors are: $PKG_VECTORS, else fixtures/vectors of this source tree.

#include <cstdlib>
#include <filesystem>

namespace pkg::test {

inline std::filesystem::path vectors_folder() {
  const char* elsewhere = std::getenv("PKG_VECTORS");
  return elsewhere != nullptr && *elsewhere != '\0' ? std::filesystem::path(elsewhere)
                                                    : std::filesystem::path(PKG_FIXTURES) / "vectors";
}

}  // namespace pkg::test
