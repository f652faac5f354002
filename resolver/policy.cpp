#include "resolver/policy.h"

namespace pkg::resolver {

bool FormatControl::wheels_allowed(const pep::Name& name) const {
  if (no_binary.contains(name)) return false;
  return only_binary.contains(name) || !no_binary_all;
}

bool FormatControl::sdists_allowed(const pep::Name& name) const {
  if (only_binary.contains(name)) return false;
  return no_binary.contains(name) || !only_binary_all;
}

}  // namespace pkg::resolver
