#pragma once
// What the Python of an environment can import: what is installed there, and in an environment that sees its
// interpreter's own packages (--system-site-packages) those too. pkg never changes the latter.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/site.h"

namespace pkg::ops {

struct VisiblePackages {
  std::vector<venv::InstalledDist> own;        // in the environment
  std::vector<venv::InstalledDist> inherited;  // behind it, without those that one of its own hides
  std::vector<venv::InstalledDist> all() &&;   // sorted as venv::installed()
};

// The interpreter is asked only where there is something behind. Errors: of venv::installed().
Result<VisiblePackages> visible_packages(const venv::Environment& environment, Session& session,
                                         std::vector<std::string>* warnings = nullptr);

}  // namespace pkg::ops
