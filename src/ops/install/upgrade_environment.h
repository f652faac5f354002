#pragma once
// `pkg upgrade` outside of a project: newer versions of what is in an environment.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/install/install.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct EnvironmentUpgradeOptions {
  InstallOptions install;          // inputs: constraints, overrides and excludes; the rest of them is not looked at
  std::vector<std::string> names;  // NAME or NAME==V: these, and what they need; empty: everything
};

// What the user asked for (REQUESTED, PEP 376) is resolved again with everything it needs, as `install --upgrade` of it
// would be: bounds that installed distributions state hold. An environment of a tool that marks nothing is asked for as
// a whole. What came from a path, a URL or a repository stays as it is. not_found: no environment, or a name that is
// not installed · usage: what is named came from a path or URL. Others: those of install_inputs.
Result<InstallReport> upgrade_environment(const EnvironmentUpgradeOptions& options, Session& session);

}  // namespace pkg::ops
