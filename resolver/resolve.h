#pragma once
// The only door of the resolver. A pure function of the problem and of the answers it gets: no I/O, threads, clock or
// randomness.

#include <variant>

#include "base/result.h"
#include "base/tasks.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

// Errors: those of the source; usage (an impossible Problem: no target, URL requirement without name); interrupted.
Result<std::variant<Resolution, Conflict>> resolve(const Problem& problem, PackageSource& source,
                                                   const CancelToken* cancel = nullptr);

}  // namespace pkg::resolver
