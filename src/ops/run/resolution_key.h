#pragma once
// What a set of requirements resolves to, as a key: the hashes of the distributions that were chosen. Environments
// below the cache folder are found by it, so that what one index chose never serves what another was asked
// (docs/internals/cache-layout.md#environments).

#include <span>
#include <string>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"
#include "resolver/resolution.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// Resolves `inputs` for `interpreter`. `behind`: where builds without isolation happen. Errors: as solve's, and those
// of builds.
Result<std::string> resolution_key(Inputs inputs, const ResolveOptions& options,
                                   std::span<const resolver::Preference> preferred,
                                   const venv::Interpreter& interpreter, const venv::Environment& behind,
                                   Session& session);

// Hex. Of what has to be built: of the source, and of where what builds it is looked for (`indexes`:
// index::sources_digest()).
std::string digest_of(const resolver::Resolution& resolution, const std::string& indexes);

}  // namespace pkg::ops
