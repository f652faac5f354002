#pragma once
// What a tool and what is installed with it resolve to, and the environment that holds it.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/install/install.h"
#include "ops/session/session.h"
#include "ops/solve/compile.h"
#include "ops/tools/tool_places.h"
#include "ops/tools/tool_receipt.h"
#include "pep/requirement.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// The interpreter for a tool: of the machine, never of an environment; the nearest `.python-version` says nothing, the
// user's own does. Errors: those of python_wish() and interpreter_for_new().
Result<venv::Interpreter> tool_interpreter(const std::string& python, const ToolPlaces& places, Session& session);

struct ToolResolution {
  CompileReport solved;
  std::string key;              // as resolution_key()
  std::size_t packages = 0;     // that are installed
  bool has_local_tree = false;  // a folder of this machine is among them: what is in it may change
  const resolver::Pin* pin_of(const pep::Name& name) const;
};

// Nothing of the working folder's project counts. Errors: those of read_inputs(), make_problem() and solve() (conflict
// …), and of builds.
Result<ToolResolution> resolve_tool(const ToolWishes& wishes, const ResolveOptions& options,
                                    std::span<const resolver::Preference> preferred,
                                    const venv::Interpreter& interpreter, Session& session);

// Where the files of a pin are from: an index as messages call it, or the URL of a source; without credentials.
std::string tool_origin(const resolver::Pin& pin);

// The lock of the resolution, to lie in `folder`. Errors: those of compiled_lock().
Result<std::string> tool_lock(ToolResolution& resolution, const std::filesystem::path& folder);

// Writes the lock into the environment, and makes the environment hold it. Errors: io, and those of sync_lock().
Result<InstallReport> fill_environment(const venv::Environment& environment, const std::string& lock_text,
                                       const venv::ApplyOptions& apply, Session& session);
// The same with the lock that lies there.
Result<InstallReport> restore_environment(const venv::Environment& environment, const venv::ApplyOptions& apply,
                                          Session& session);

inline constexpr const char* kToolLock = "pylock.toml";

// The session of a tool whose wishes name indexes: with those, and with what the settings know of them (credentials,
// rules). Else `session`.
Session& session_for(const ToolWishes& wishes, Session& session);
// What a session looks in, as wishes keep it.
void keep_indexes(const Session& session, ToolWishes& wishes);

}  // namespace pkg::ops
