#pragma once
// A diagram as a small disjunction of conjunctions ("cubes"). docs/internals/resolver.md#marker-algebra

#include <optional>
#include <vector>

#include "resolver/marker_diagram.h"

namespace pkg::resolver {

// What a cube says of one variable.
struct Literal {
  std::uint32_t variable = 0;
  std::optional<Label> from, to;  // cuts: [from, to)
  std::vector<Label> values;      // texts, selections
  bool negated = false;           // of values, of [from, to), of a boolean
  bool operator==(const Literal&) const = default;
};
// In the order of the variables; an empty one is true.
using Cube = std::vector<Literal>;

// Cubes whose disjunction holds wherever `lower` does and nowhere where `upper` does not. Makes nodes.
// Precondition: lower implies upper.
std::vector<Cube> cover_of(MarkerDiagram& diagram, DiagramNode lower, DiagramNode upper);

}  // namespace pkg::resolver
