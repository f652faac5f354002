#pragma once
// Under which key the cache keeps what a source was built to: a digest of everything the result depends on.

#include <string>

#include "ops/builds.h"
#include "pep/dist_file.h"
#include "venv/interpreter.h"

namespace pkg::ops {

// 64 hex digits; empty: what comes of this source is not kept (folders change under our feet, builds without isolation depend on their
// environment), or which settings count is not known before its name. `sha256_hex`: of an archive, where its index did not announce it.
std::string build_key(const pep::DistFile& file, const std::string& sha256_hex, const BuildOptions& options,
                      const venv::Interpreter& interpreter);

}  // namespace pkg::ops
