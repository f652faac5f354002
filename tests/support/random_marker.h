#pragma once
// Random markers and the environments to evaluate them in, for property tests. Everything follows from the seed.

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pep/environment.h"

namespace pkg::test {

struct Random {
  std::mt19937 engine;
  explicit Random(unsigned seed) : engine(seed) {}
  int below(int limit) { return static_cast<int>(engine() % static_cast<unsigned>(limit)); }
  bool one_in(int n) { return below(n) == 0; }
  template <class List>
  auto pick(const List& list) -> decltype(list[0]) {
    return list[static_cast<std::size_t>(below(static_cast<int>(std::size(list))))];
  }
};

// `usual` cases, or that many times $PKG_PROPERTY_CASES; the first seed is $PKG_PROPERTY_SEED or 1. For long runs by
// hand.
unsigned property_cases(unsigned usual);
unsigned property_seed();

// A CPython on "linux", "darwin", "win32", "musl" (Linux too), or a PyPy on "pypy" (Linux).
pep::Environment environment_on(std::string_view system, const std::string& machine, const std::string& python);
// Systems times machines times the Pythons.
std::vector<pep::Environment> environment_grid(std::span<const std::string_view> pythons);

// What random markers are made of.
struct MarkerWords {
  bool extras = false;     // extra == "x"
  bool lock_sets = false;  // "x" in extras, "g" in dependency_groups
  bool odd = false;        // substrings, order of texts, rare variables, reversed comparisons, patch versions
};
std::string random_atom(Random& random, const MarkerWords& words);
std::string random_marker_text(Random& random, const MarkerWords& words, int depth = 2);

}  // namespace pkg::test
