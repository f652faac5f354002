#pragma once
// Sets of versions in words a person can check: "numpy 1.25.0 and newer", "all versions of x", "b 1 to 4 and 7".

#include <set>
#include <string>

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

// Text and whether it speaks of several things ("depend" rather than "depends").
struct Phrase {
  std::string text;
  bool is_plural = false;
  std::string_view verb(std::string_view singular, std::string_view plural) const {
    return is_plural ? plural : singular;
  }
};

class RangeText {
 public:
  RangeText(const Provider& provider, const pubgrub::Solver& solver) : provider_(provider), solver_(solver) {}

  // `values` of a project, without "absent". `extra` empty: the project itself. Versions that can never be used do not
  // interrupt a range, unless `exact`; nor do pre-releases outside of the set.
  Phrase versions(const Project& project, const pubgrub::VersionSet& values, const std::string& extra = {},
                  bool exact = false) const;
  // The values that are not in `values`: a choice, so joined by "or".
  Phrase others(const Project& project, const pubgrub::VersionSet& values) const;

 private:
  Phrase describe(const Project& project, const std::vector<bool>& member, const std::string& extra, bool exact,
                  std::string_view last_word) const;

  const Provider& provider_;
  const pubgrub::Solver& solver_;
};

// "a>=1", "a[x]==2", "a @ url": without the marker.
std::string requirement_text(const pep::Requirement& requirement);
// " (pyproject.toml:12)", or nothing.
std::string origin_text(const pep::Requirement& requirement);
// "a", "a and b", "a, b and c".
std::string list_text(const std::vector<std::string>& items, std::string_view last_word = "and");
// The same of four at most: "a, b, c and 5 others".
std::string few_text(const std::set<std::string>& items);

}  // namespace pkg::resolver
