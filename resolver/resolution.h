#pragma once
// Resolution: which version of each project, from which files, and why. The one thing in the middle
// (docs/internals/architecture.md).

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pep/dist_file.h"
#include "pep/marker.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/version.h"

namespace pkg::resolver {

// Why a pin is there: a requirement of the root (parent -1) or of another pin.
struct Edge {
  int parent = -1;  // index into Resolution::pins
  pep::Requirement requirement;
};

struct Pin {
  pep::Name name;
  pep::Version version;
  std::vector<pep::Name> extras;  // those asked for, sorted
  std::vector<pep::DistFile>
      files;  // every file of the release that policy allows, wheels usable on a target first, best first
  std::shared_ptr<const pep::Metadata> metadata;
  pep::Marker marker;             // where it is installed; trivial: everywhere (always so for a single target)
  std::vector<Edge> required_by;  // in order of discovery, without duplicates
  bool direct = false;            // from a URL requirement
  std::vector<int> dependencies;  // indices of the pins it needs on some target, sorted

  // The file to install; precondition: files is not empty.
  const pep::DistFile& best_file() const { return files.front(); }
};

struct Statistics {
  std::uint64_t decisions = 0, conflicts = 0, listings = 0, metadata = 0;
  std::uint64_t forks = 0, marker_nodes = 0;  // universal: runs of the solver, and the size of all sets together
};

struct Resolution {
  std::vector<Pin> pins;              // sorted by name, then newest first; several of one name have disjoint markers
  std::vector<std::string> warnings;  // yanked pins, unknown extras: one line each
  Statistics statistics;
};

// No solution: the derivation told, and the smallest change that would help.
struct Conflict {
  std::string headline;     // "no version of `numpy` fits Python 3.8": the error's message
  std::string explanation;  // the derivation, several lines; empty: the headline says all of it
  std::string hint;         // may be empty, may have several lines
  // Universal: a Requires-Python of the project under which versions that were cut off could be used; empty: none.
  pep::SpecifierSet narrower_python;
};

}  // namespace pkg::resolver
