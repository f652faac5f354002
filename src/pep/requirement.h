#pragma once
// name[extras] specifiers ; marker  —or—  name[extras] @ url ; marker (PEP 508).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"
#include "base/result.h"
#include "pep/marker.h"
#include "pep/name.h"
#include "pep/specifier.h"

namespace pkg::pep {

struct Requirement {
  Name name;
  std::string name_as_written;
  std::vector<Name> extras;                    // sorted, without duplicates
  std::vector<std::string> extras_as_written;  // sorted; empty when they are written as in `extras`
  SpecifierSet specifiers;                     // empty when `url` is set
  std::string url;                             // empty when none
  Marker marker;
  Origin origin;             // where a person wrote it; empty for metadata
  bool is_override = false;  // written in place of what one parent states: no override of all parents replaces it

  // bad_data with a caret under the place in the error's context.
  static Result<Requirement> parse(std::string_view text);
  std::string to_string() const;  // name and extras as written; parse(to_string()) gives an equal requirement
  // The same demand: name, extras, specifiers, URL and marker. Where and how it was written does not count.
  bool operator==(const Requirement& other) const;
};

inline std::string to_string(const Requirement& requirement) { return requirement.to_string(); }

}  // namespace pkg::pep
