#pragma once
// The interpreter of an environment that was found: it may be a program that came with a checkout
// (venv/interpreter/foreign_interpreter.h). Every verb gets it here, and either says so before it is started, or does
// without.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// With a warning before one is started that may be somebody else's program and was not started before: for verbs that
// run it or change the environment. Errors: those of venv::interpreter_of().
Result<venv::Interpreter> interpreter_to_use(const venv::Environment& environment, Session& session);

// For verbs that only look: such a one is never started; with a warning, this machine's default interpreter stands in
// for it, as it would be with the version that pyvenv.cfg names. Errors: those of venv::interpreter_of() and, for
// the other one, of venv::find_interpreter().
Result<venv::Interpreter> interpreter_to_ask(const venv::Environment& environment, Session& session);

// The same two ways for what find_interpreter meets.
venv::Leave leave_with_warning(Session& session);
venv::Leave no_leave();

// Before the environment's programs are started without having asked its interpreter anything.
void warn_before_running(const venv::Environment& environment, Session& session);

// Before an environment is changed, or run from, that was found and not named: says when it is another user's.
void warn_of_owner(const venv::Environment& environment, Session& session);

// Variables that name no environment (venv/discovery.h) are passed over, and that is said.
void warn_of_gone(const std::vector<std::string>& gone, Session& session);

}  // namespace pkg::ops
