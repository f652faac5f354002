#pragma once
// A solver that is slow and obvious: tries every version of every package that is needed. Only for comparison, in small
// worlds.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pkg::test {

// Versions are numbers; a requirement allows a set of them.
struct TinyRequirement {
  std::string name;
  std::vector<int> allowed;
  std::string extra;     // asked for, or empty
  std::string only_for;  // counts only with this extra of the requiring version, or empty
};
using TinyWorld = std::map<std::string, std::map<int, std::vector<TinyRequirement>>>;

// Whether any choice of versions meets all requirements.
bool is_satisfiable(const TinyWorld& world, const std::vector<TinyRequirement>& root);

}  // namespace pkg::test
