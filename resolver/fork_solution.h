#pragma once
// What solving one fork gave: the selected releases, where in the fork each is installed, and by which requirements.

#include <map>
#include <memory>
#include <vector>

#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "resolver/fork.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

struct ForkNode {
  pep::Name name;
  pep::Version version;
  GuardedSet where;                        // it is installed
  MarkerSet environments;                  // the same, whatever is selected
  std::map<pep::Name, GuardedSet> extras;  // where it is installed with them
  std::vector<const pep::DistFile*> files;
  std::vector<std::shared_ptr<const pep::DistFile>> owned;  // keeps files of URLs alive
  std::shared_ptr<const pep::Metadata> metadata;
  bool direct = false;
  std::string index;  // that a rule of the problem names
};

struct ForkEdge {
  int parent = -1, child = 0;  // indices of nodes; -1: the root
  const pep::Requirement* requirement = nullptr;
  MarkerSet environments;  // whatever is selected
};

// What forks may have in common: one version of two indexes is two releases. Ordered by name, newest first.
struct ReleaseKey {
  pep::Name name;
  pep::Version version;
  std::string index;
  bool operator<(const ReleaseKey& other) const {
    if (name != other.name) return name < other.name;
    return version != other.version ? other.version < version : index < other.index;
  }
};
inline ReleaseKey release_of(const ForkNode& node) { return {node.name, node.version, node.index}; }

struct ForkSolution {
  MarkerSet environments;
  std::vector<ForkNode> nodes;  // sorted by name
  std::vector<ForkEdge> edges;
};

// The same solution for a part of its environments; what is installed nowhere in it has the environments kNone.
void restrict_to(ForkSolution& solution, MarkerSet environments, ForkWorld& world);

// Precondition: the solver found a solution. The least fixpoint over the requirements from the root: cycles are fine.
ForkSolution fork_solution(const Provider& provider, const pubgrub::Solver& solver);

}  // namespace pkg::resolver
