#pragma once
// The targets of a bundle: each Python on each platform.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/marker.h"
#include "pep/target.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct BundleTargetOptions {
  std::string python;  // environment, interpreter or version; what is not said below is this one's
  std::vector<std::string> python_versions;  // as `compile --python-version`
  std::vector<std::string> platforms;        // as `compile --python-platform`
};

struct BundleTarget {
  std::string name;  // "cp312-manylinux_2_28_x86_64", "cp312-linux_x86_64": plain characters, no dot, unlike the others
  pep::Target target;
  std::optional<venv::Interpreter> builder;  // where wheels can be built for it on this machine
  pep::Marker marker;                        // the environments it stands for, as far as markers can tell them
};

// In the order of the options, without duplicates; at least one. Errors: those of interpreter_for and target_for
// (not_found: no such Python · bad_data: no version, no platform …).
Result<std::vector<BundleTarget>> bundle_targets(const BundleTargetOptions& options, Session& session);

}  // namespace pkg::ops
