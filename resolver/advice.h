#pragma once
// What would help against one fact of a failed derivation: one line each, empty when nothing is known to help.

#include <string>
#include <vector>

#include "resolver/conflict_leaves.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

// Against versions that cannot be used.
std::string advice(const Provider& provider, const pubgrub::Term& term, const Note& note);
// One line for each project that needs another Python, of a single target: the least that would do, and what is left
// besides it.
std::vector<std::string> python_advice(const Provider& provider, const ConflictLeaves& facts);
// Names: near to another one of the problem, that of a project that is locked itself, one that a further index has as
// well.
std::vector<std::string> name_advice(const Provider& provider, const ConflictLeaves& facts);
// Which of the things that were asked for to loosen or leave out, where they are few: for conflicts that nothing more
// particular is known to help against. Empty: they are many, or none of them narrows anything.
std::string request_advice(const ConflictLeaves& facts);
// Extras or groups of the project that exclude each other in the failing fork.
std::string conflict_advice(const Provider& provider, const ConflictLeaves& facts);
// A Requires-Python of the universe under which the versions that the failing fork cannot use could be used; empty:
// none. No promise that nothing else stands in the way.
pep::SpecifierSet narrower_python(const Provider& provider, const ConflictLeaves& facts);

}  // namespace pkg::resolver
