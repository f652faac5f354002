#pragma once
// A guarded set as a marker.

#include "pep/marker.h"
#include "resolver/guarded_set.h"

namespace pkg::resolver {

// The shorter of the plain and the simplified text of a set that counts within `universe`. Precondition: not kNone.
pep::Marker shortest_marker(MarkerSpace& space, MarkerSet set, MarkerSet universe);

// Trivial where it holds in all of the universe. Precondition: it is not empty.
pep::Marker marker_of(const GuardedSet& set, GuardedSets& sets, MarkerSpace& space, MarkerSet universe);

}  // namespace pkg::resolver
