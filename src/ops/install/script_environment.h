#pragma once
// The environment that is kept for a script, from one `pkg run` or `pkg sync --script` to the next.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "ops/lock/lock_subject.h"
#include "ops/session/session.h"
#include "pep/specifier.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct ScriptEnvironment {
  std::string name;  // for people: the script's
  std::string key;
};
// With a lock: by what the lock says now.
Result<ScriptEnvironment> locked_script_environment(const std::filesystem::path& script,
                                                    const std::filesystem::path& lock);
// Without: by what is asked and where it is looked for; what that came to stays, as a lock's would, until one of them
// changes.
ScriptEnvironment unlocked_script_environment(const std::filesystem::path& script, const LockSubject& subject,
                                              const Session& session);

// The interpreter for it. `python`: of the command line.
Result<venv::Interpreter> script_interpreter(const std::string& python, const pep::SpecifierSet& requires_python,
                                             Session& session);

}  // namespace pkg::ops
