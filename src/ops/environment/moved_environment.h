#pragma once
// An environment whose folder was moved or copied since it was made: said, and mended by the verbs that change it.

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

enum class Mend : std::uint8_t { no, yes };  // no: it is only said

// Nothing where the environment lies where it was made. Else a warning, and with `yes` its launchers, activation
// scripts and pyvenv.cfg name the new place. Errors: of venv::apply.
Status mend_if_moved(const venv::Environment& environment, Mend mend, const venv::ApplyOptions& options,
                     Session& session);

}  // namespace pkg::ops
