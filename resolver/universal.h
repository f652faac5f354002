#pragma once
// Universal resolution: one Resolution for every environment of the problem's universe.
// docs/internals/resolver.md#universal-resolution

#include <variant>

#include "base/result.h"
#include "base/tasks.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

// Precondition: problem.universe. usage: the universe is empty · unsupported: more than 10,000 forks or combinations of
// choices, too many rounds · interrupted, and the source's errors. No solution is a Conflict and no error.
Result<std::variant<Resolution, Conflict>> resolve_universal(const Problem& problem, PackageSource& source,
                                                             const CancelToken* cancel);

}  // namespace pkg::resolver
