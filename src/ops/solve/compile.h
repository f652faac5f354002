#pragma once
// `pkg compile`: requirements or pyproject in, pinned requirements out, for one target.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/inputs/inputs.h"
#include "ops/solve/solve.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct CompileOptions {
  InputOptions inputs;
  ResolveOptions resolve;
  std::string python;           // environment, interpreter or version to resolve for
  std::string python_version;   // --python-version: of the target, where it differs from the interpreter's
  std::string python_platform;  // --python-platform: likewise
  bool universal = false;       // --universal: for every platform, and every Python from python_version on
  std::string output_file;      // pins found in it are kept, unless upgraded
};

struct CompileReport {
  resolver::Resolution resolution;
  std::vector<std::string> warnings;
  std::string python_version;  // it was resolved for
  double seconds = 0;
};

// conflict: no solution. Others: those of read_inputs, target_for, resolve_unnamed, make_problem and solve.
Result<CompileReport> compile(const CompileOptions& options, Session& session);

}  // namespace pkg::ops
