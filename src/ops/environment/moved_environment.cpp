#include "ops/environment/moved_environment.h"

#include "base/text.h"
#include "venv/transaction/mend.h"

namespace pkg::ops {

Status mend_if_moved(const venv::Environment& environment, Mend mend, const venv::ApplyOptions& options,
                     Session& session) {
  if (!venv::was_moved(environment)) return ok_status();
  const auto what = cat("the environment ", quote(environment.layout.prefix.native()), " was made as ",
                        quote(environment.made_at.native()), " and moved or copied");
  if (mend == Mend::no) {
    session.reporter().warning(cat(what, ": its scripts may still start what is there"));
    return ok_status();
  }
  venv::Change change;
  change.mend = true;
  const auto done =
      venv::apply(change, environment, options, session.state_key(), session.reporter(), session.cancel());
  if (!done)
    return Error(done.error()).with(cat("while mending the scripts of ", quote(environment.layout.prefix.native())));
  session.reporter().warning(cat(what, ": its scripts name the new place now"));
  return ok_status();
}

}  // namespace pkg::ops
