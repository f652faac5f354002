#pragma once
// Environments below the cache folder that `pkg run` makes and finds again: <cache>/environments-v2/NAME-DIGEST. `pkg
// cache clean` removes them. docs/cache-layout.md

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// The environment of `key` for this interpreter; made when it is not there. `name`: for people who look into the
// folder.
Result<venv::Environment> kept_environment(std::string_view name, const std::string& key, const venv::Interpreter& base,
                                           Session& session);

}  // namespace pkg::ops
