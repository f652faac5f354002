#pragma once
// Digests of what pyproject.toml says, whatever its comments and layout.

#include <string>
#include <string_view>
#include <vector>

#include "base/toml.h"
#include "pep/requirement.h"

namespace pkg::ops {

// Pieces with their lengths: no two sequences of pieces give the same bytes.
class Digest {
 public:
  void add(std::string_view text);
  void add(const std::vector<pep::Requirement>& requirements);
  // Keys in the order of their bytes: where a table is written does not count. The reader bounds the nesting
  // (base/toml.h). Null: "none".
  void add(const toml::Value* value);
  std::string finish() const;  // sha256, hex

 private:
  std::string bytes_;
};

// Of all that a build backend may read in a pyproject.toml: without [tool.pkg] and [dependency-groups]. Hex.
std::string build_digest(const toml::Value& pyproject);

}  // namespace pkg::ops
