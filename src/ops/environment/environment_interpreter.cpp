#include "ops/environment/environment_interpreter.h"

#include <string>

#include "base/text.h"
#include "ops/environment/target.h"
#include "venv/interpreter/foreign_interpreter.h"

namespace pkg::ops {

venv::Leave leave_with_warning(Session& session) {
  return {.ask =
              [&session](const std::string& why) {
                session.reporter().warning(cat(why, ": pkg starts it now"));
                return true;
              },
          .for_copies = true};
}

venv::Leave no_leave() {
  return {.ask = [](const std::string&) { return false; }, .for_copies = false};
}

Result<venv::Interpreter> interpreter_to_use(const venv::Environment& environment, Session& session) {
  return venv::interpreter_of(environment, session.cache_dir(), leave_with_warning(session));
}

Result<venv::Interpreter> interpreter_to_ask(const venv::Environment& environment, Session& session) {
  std::string refused;
  const auto refuse = [&](const std::string& why) {
    refused = why;
    return false;
  };
  auto own = venv::interpreter_of(environment, session.cache_dir(), {.ask = refuse, .for_copies = false});
  if (own || refused.empty()) return own;
  const auto reading = [&] { return cat(refused, ": it is not started, and another one has to answer for it"); };
  PKG_TRY_ASSIGN(auto other, venv::find_interpreter({}, session.cache_dir(), no_leave()).with(reading));
  session.reporter().warning(cat(refused, ": it is not started; ", quote(other.executable.native()),
                                 " answers for it as Python ", environment.python_version));
  PKG_TRY_ASSIGN(other.target, target_with_version(other, environment.python_version));
  return other;
}

void warn_before_running(const venv::Environment& environment, Session& session) {
  // Asking it leaves the record by which it is known the next time; whether it answers is for the command to find out.
  if (venv::is_doubtful(environment, session.cache_dir())) (void)interpreter_to_use(environment, session);
}

void warn_of_owner(const venv::Environment& environment, Session& session) {
  if (environment.kind != venv::EnvironmentKind::venv) return;
  const auto& prefix = environment.layout.prefix;
  const auto owner = venv::foreign_owner(prefix / ".");  // a link is followed
  if (!owner) return;
  session.reporter().warning(cat("the environment ", quote(prefix.native()), " belongs to another user (", *owner,
                                 "), and so does what runs from it: name it with --python when that is meant"));
}

void warn_of_gone(const std::vector<std::string>& gone, Session& session) {
  for (const auto& text : gone) session.reporter().warning(cat(text, ": it does not count"));
}

}  // namespace pkg::ops
