#include "resolver/resolve.h"

#include "base/text.h"
#include "resolver/build_resolution.h"
#include "resolver/explain.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/universal.h"

namespace pkg::resolver {

namespace {

Status check_names(const Problem& problem);

Status check(const Problem& problem) {
  if (problem.universe) return check_names(problem);
  if (problem.targets.empty()) return make_error(ErrorKind::usage, "nothing to resolve for: the problem has no target");
  if (problem.targets.size() > 1) return make_error(ErrorKind::usage, "a problem is for one target, or for a universe of environments");
  return check_names(problem);
}

Status check_names(const Problem& problem) {
  for (const auto* const list : {&problem.requirements, &problem.constraints, &problem.overrides})
    for (const pep::Requirement& requirement : *list)
      if (requirement.name.empty())
        return make_error(ErrorKind::usage,
                          cat("a requirement without a name: ", quote(requirement.url), " (", requirement.origin.to_string(), ")"));
  return ok_status();
}

}  // namespace

Result<std::variant<Resolution, Conflict>> resolve(const Problem& problem, PackageSource& source, const CancelToken* cancel) {
  PKG_TRY(check(problem));
  if (problem.universe) return resolve_universal(problem, source, cancel);
  UrlBook book;
  while (true) {
    pubgrub::Solver solver;
    Provider provider(problem, source, book);
    const auto solved = solver.solve(provider, cancel);
    if (provider.must_restart()) continue;
    if (!solved) return solved.error();
    if (*solved) return std::variant<Resolution, Conflict>(build_resolution(provider, solver));
    return std::variant<Resolution, Conflict>(explain(provider, solver));
  }
}

}  // namespace pkg::resolver
