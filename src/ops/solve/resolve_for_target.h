#pragma once
// What download, wheel and bundle have in common before there are files: inputs, resolved for a target, as if nothing
// were installed.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"
#include "pep/target.h"
#include "resolver/resolution.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct TargetResolution {
  resolver::Resolution resolution;
  RequiredHashes hashes;
  std::set<pep::Name> requested;
  std::vector<std::string> warnings;
};

// From now on sources are built by `interpreter`, without an environment of the user's. Names what `inputs` gives
// without a name. Errors: those of resolve_unnamed; unsupported: the session has no builders.
Status prepare_sources(Inputs& inputs, const venv::Interpreter& interpreter, Session& session);

// Errors: those of make_problem and solve (conflict: no solution).
Result<TargetResolution> resolve_for_target(const Inputs& inputs, const ResolveOptions& options,
                                            const pep::Target& target, Session& session);

// The file as it goes into a folder, when its bytes can: a wheel, or the archive of a whole project under a name that
// says which. nullopt: a wheel has to be built of it.
std::optional<pep::DistFile> plain_file(const pep::DistFile& file);
// `only_dependencies`: without those that were asked for by name.
std::vector<const resolver::Pin*> pins_with_files(const TargetResolution& gathered, bool only_dependencies);

}  // namespace pkg::ops
