#pragma once
// `pkg compile`: requirements or pyproject in, pinned requirements out, for one target.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment_choice.h"
#include "ops/inputs.h"
#include "ops/solve.h"
#include "venv/interpreter.h"

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

Result<CompileReport> compile(const CompileOptions& options, Session& session);

// What --python names: an environment, an interpreter or a version; empty: the environment that is found, else the default interpreter.
Result<venv::Interpreter> interpreter_for(const std::string& python, Session& session);

// The target of --python / --python-version / --python-platform: an interpreter's, with another Python version or platform where asked for.
Result<pep::Target> target_for(const std::string& python, const std::string& python_version, Session& session,
                               const std::string& python_platform = {});

// The target of `interpreter`'s platform with another Python: "3", "3.12" or "3.12.1".
Result<pep::Target> target_with_version(const venv::Interpreter& interpreter, const std::string& version);

}  // namespace pkg::ops
