#pragma once
// `pkg lock --explain NAME`, from the project on: the lock's versions of NAME, each with the reason why it is not a
// newer one.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/lock/explain_choice.h"
#include "ops/lock/lock_subject.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct ExplainReport {
  pep::Name name;
  std::vector<ChoiceExplanation> answers;  // one for each locked version, newest first
  bool is_stale = false;  // the project asks for something else by now: the answer is about what it asks for
};

// `options` as for the lock itself. not_found: there is no lock, or NAME is not in it or does not come from an index.
Result<ExplainReport> explain_locked(const LockOptions& options, const std::string& name, Session& session);

}  // namespace pkg::ops
