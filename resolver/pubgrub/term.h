#pragma once
// A term: a statement about one package, "its value is one of these". Positive terms leave "absent" out, negative ones include it.

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
  bool is_positive() const { return !values.has_absent(); }
};

}  // namespace pkg::resolver::pubgrub
