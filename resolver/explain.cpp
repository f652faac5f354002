#include "resolver/explain.h"

#include "base/text.h"

namespace pkg::resolver {

Conflict explain(const Provider& provider, const pubgrub::Solver& solver) {
  Conflict conflict;
  conflict.headline = "the requirements cannot all be met";
  std::vector<pubgrub::IncompatibilityId> work{solver.failure()};
  while (!work.empty()) {
    const auto& incompatibility = solver.incompatibility(work.back());
    work.pop_back();
    const pubgrub::Cause& cause = incompatibility.cause;
    if (cause.kind == pubgrub::CauseKind::conflict) {
      work.push_back(cause.left), work.push_back(cause.right);
    } else if (cause.kind == pubgrub::CauseKind::dependency && incompatibility.terms.size() > 0) {
      append(conflict.explanation, provider.note(cause.note).requirement->to_string(), "\n");
    }
  }
  return conflict;
}

}  // namespace pkg::resolver
