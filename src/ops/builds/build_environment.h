#pragma once
// The environment a build happens in (PEP 517, "Build environment"): build requirements resolved and installed like
// everything else, kept in the cache under what they resolved to, so that the next build finds it ready.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/source_builder.h"
#include "pep/requirement.h"
#include "resolver/resolution.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct BuildEnvironment {
  std::string key;  // stands for the hashes of all distributions in it, and the interpreter
  std::filesystem::path python;
  std::filesystem::path scripts;  // comes first in PATH
};

// Ready environments are shared: nothing is written into them after they are made. `nested`: for build requirements
// that have to be built themselves. Errors: conflict (the build requirements exclude each other), and all of fetching
// and installing.
Result<BuildEnvironment> build_environment(std::vector<pep::Requirement> requirements, const BuildOptions& options,
                                           const venv::Interpreter& interpreter, SourceBuilder& nested,
                                           Session& session);

// The same of distributions that were chosen already, one file each. Errors: all of fetching and installing.
Result<BuildEnvironment> environment_of(std::span<const resolver::Pin> pins, const BuildOptions& options,
                                        const venv::Interpreter& interpreter, SourceBuilder& nested, Session& session);

}  // namespace pkg::ops
