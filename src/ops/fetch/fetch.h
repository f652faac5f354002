#pragma once
// Pins → unpacked wheels in the store, in parallel; and carrying out a planned change with them.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "pep/wheel_manifest.h"
#include "resolver/resolution.h"
#include "venv/site.h"
#include "venv/transaction/plan.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

// What `pins[i]` unpacked to, in the order of `pins`. hash_mismatch: also a file that has none of its required hashes.
// Other errors: those of index::Index, and of SourceBuilder for what is built.
Result<std::vector<std::shared_ptr<const pep::UnpackedWheel>>> fetch(std::span<const resolver::Pin* const> pins,
                                                                     const RequiredHashes& required, Session& session);

// The same (hash_mismatch …, as above); what has to be built is built by `builds` instead of the session's.
Result<std::vector<std::shared_ptr<const pep::UnpackedWheel>>> fetch_with(std::span<const resolver::Pin* const> pins,
                                                                          const RequiredHashes& required,
                                                                          const SourceBuilderWhenNeeded& builds,
                                                                          Session& session);

// Fetches what `plan` installs and applies it as one transaction. A stored wheel found damaged while linking is healed
// and the change tried once more. `wanted` and `pins` run in parallel (pins[i] is what wanted[i] came from). Errors:
// those of fetch() and venv::apply.
Result<venv::ChangeReport> carry_out(const venv::InstallPlan& plan, std::span<const venv::WantedDist> wanted,
                                     std::span<const resolver::Pin* const> pins,
                                     std::span<const venv::InstalledDist> installed,
                                     const venv::Environment& environment, const venv::ApplyOptions& options,
                                     const RequiredHashes& required, Session& session);

}  // namespace pkg::ops
