#pragma once
// The interpreter and the target of --python, --python-version and --python-platform.

#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/marker.h"
#include "pep/target.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// What --python names: an environment, an interpreter or a version; empty: the environment that is found, else the
// default interpreter. Errors: those of venv::open_environment(), venv::find_interpreter() and interpreter_to_use().
Result<venv::Interpreter> interpreter_for(const std::string& python, Session& session);

// CPython on a machine where there is none: what a target is described from when its version and its platform are
// named. It has no executable, so nothing can be built with it.
venv::Interpreter absent_interpreter();

// interpreter_for(); where there is no Python at all, and `is_described` says that the target is named in full, an
// absent_interpreter().
Result<venv::Interpreter> interpreter_or_absent(const std::string& python, bool is_described, Session& session);

// The target of --python / --python-version / --python-platform: an interpreter's, with another Python version or
// platform where asked for; with both no Python needs to be there. bad_data: a version that is none · usage: a platform
// that is none · what interpreter_for() gives.
Result<pep::Target> target_for(const std::string& python, const std::string& python_version, Session& session,
                               const std::string& python_platform = {});

// The target of `interpreter`'s platform with another Python: "3", "3.12" or "3.12.1". bad_data: no version.
Result<pep::Target> target_with_version(const venv::Interpreter& interpreter, const std::string& version);

// This minor version of Python on this system: what wheels are chosen by, as far as markers can tell it. bad_data: a
// value that no marker can hold.
Result<pep::Marker> marker_of(const pep::Environment& environment);

}  // namespace pkg::ops
