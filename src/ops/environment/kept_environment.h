#pragma once
// Environments below the cache folder that `pkg run`, `pkg tool run` and `pkg sync --script` make and find
// again: <cache>/environments-v2/NAME-DIGEST. `pkg cache clean` removes them. docs/internals/cache-layout.md

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// The environment of `key` for this interpreter; made when it is not there. `name`: for people who look into the
// folder.
Result<venv::Environment> kept_environment(std::string_view name, const std::string& key, const venv::Interpreter& base,
                                           Session& session);

// Where it is, or would be.
std::filesystem::path kept_environment_folder(std::string_view name, const std::string& key,
                                              const venv::Interpreter& base, const Session& session);
// The same where it is there already; nothing is made.
Result<std::optional<venv::Environment>> present_kept_environment(std::string_view name, const std::string& key,
                                                                  const venv::Interpreter& base, Session& session);

// The same by the name of its folder, which a caller wrote down. nullopt: it is gone. Errors: those of
// venv::open_environment().
Result<std::optional<venv::Environment>> kept_environment_called(const std::string& folder_name, Session& session);

}  // namespace pkg::ops
