#pragma once
// `pkg sync FILE`: an environment holds what a file pins, and nothing else. (From a lock: sync_lock.h.)

#include <set>

#include "base/result.h"
#include "ops/install/install.h"
#include "pep/name.h"
#include "venv/site.h"

namespace pkg::ops {

// Everything listed must be pinned: bad_data names the first requirement that is not. Other errors are install()'s.
Result<InstallReport> sync(InstallOptions options, Session& session);

// pip, setuptools and wheel: what environments begin with.
bool is_seed(const pep::Name& name);

// Whether an exact sync removes `dist`: it is not wanted, and is none of the seeds (pip, setuptools, wheel), which
// stay.
bool is_extraneous(const venv::InstalledDist& dist, const std::set<pep::Name>& wanted);

}  // namespace pkg::ops
