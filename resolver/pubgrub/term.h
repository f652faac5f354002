#pragma once
// A term: a statement about one package, "its value is one of these". Positive terms leave "absent" out, negative ones
// include it.

#include "base/ids.h"
#include "resolver/pubgrub/version_set.h"

namespace pkg::resolver::pubgrub {

struct PackageTag;
using PackageId = Id<PackageTag>;
inline constexpr PackageId kRoot{0};
inline constexpr PackageId kNoPackage{0xffffffff};

struct Term {
  PackageId package;
  VersionSet values;
  // The words of `values` that are not zero lie in [first_word, end_word): most terms are about few versions, and are
  // looked at often.
  std::uint32_t first_word = 0, end_word = 0xffffffff;
  void measure() {
    for (first_word = 0; first_word < values.word_count() && values.word(first_word) == 0;) ++first_word;
    for (end_word = values.word_count(); end_word > first_word && values.word(end_word - 1) == 0;) --end_word;
  }
  bool is_positive() const { return !values.has_absent(); }
};

}  // namespace pkg::resolver::pubgrub
