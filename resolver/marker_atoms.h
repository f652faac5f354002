#pragma once
// One comparison of a marker as a diagram. What has no finer meaning becomes a boolean of its own.
// docs/internals/resolver.md#marker-algebra

#include "pep/marker.h"
#include "pep/specifier.h"
#include "resolver/marker_diagram.h"

namespace pkg::resolver {

DiagramNode diagram_of(MarkerDiagram& diagram, const pep::MarkerAtom& atom);
// The Pythons a Requires-Python accepts.
DiagramNode diagram_of_python(MarkerDiagram& diagram, const pep::SpecifierSet& set, bool lower_bounds_only);

}  // namespace pkg::resolver
