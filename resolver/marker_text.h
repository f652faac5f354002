#pragma once
// A diagram as a marker: a small disjunction of conjunctions.

#include "pep/marker.h"
#include "resolver/marker_diagram.h"

namespace pkg::resolver {

// Precondition: not kFalse. kTrue gives the trivial marker.
pep::Marker marker_of(MarkerDiagram& diagram, DiagramNode node);

}  // namespace pkg::resolver
