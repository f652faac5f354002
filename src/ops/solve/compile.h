#pragma once
// `pkg compile`: requirements or pyproject in, pinned requirements out, for one target.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/inputs/inputs.h"
#include "ops/solve/solve.h"
#include "pep/specifier.h"
#include "pep/target.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct CompileOptions {
  InputOptions inputs;
  ResolveOptions resolve;
  std::string python;                 // environment, interpreter or version to resolve for
  std::string python_version;         // --python-version: of the target, where it differs from the interpreter's
  std::string python_platform;        // --python-platform: likewise
  bool universal = false;             // --universal: for every platform, and every Python from python_version on
  std::filesystem::path output_file;  // pins found in it are kept, unless upgraded; a lock by its name
};

struct CompileReport {
  resolver::Resolution resolution;
  std::vector<std::string> warnings;
  std::string python_version;                // it was resolved for
  pep::Target target;                        // with one target
  std::optional<pep::SpecifierSet> pythons;  // --universal: all of these
  std::map<std::string, std::string> paths;  // URLs of this machine → how they were written: from the working folder
  Session* session = nullptr;                // with the index options of the inputs; lives as long as the given one
  double seconds = 0;
};

// conflict: no solution, or an output file that is none of compile's. Others: pins_to_keep's; those of read_inputs,
// target_for, resolve_unnamed, make_problem and solve.
Result<CompileReport> compile(const CompileOptions& options, Session& session);

}  // namespace pkg::ops
