#pragma once
// Builds for a lock: which Python they run in, and what a lock keeps of them. Nothing is looked at before something has
// to be built.

#include <string>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/lock/lock_subject.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "pep/specifier.h"

namespace pkg::ops {

// Unless `session` can build already: from now on it can, with the project's environment where that fits
// `requires_python`, else with a Python found for it. `python`: that one instead (--python).
void build_with_project_python(const pep::SpecifierSet& requires_python, const std::string& python, Session& session);

// What the project asks for, with the dependencies that only build backends know. Errors: those of
// requirements_of(Project) and of tell_dynamic.
Result<ProjectRequirements> requirements_of(const LockSubject& subject, const LockOptions& options, Session& session);

// The session's builds, for whom the revisions of `old` stay the commits they were, except what is upgraded.
SourceBuilderWhenNeeded builds_keeping_commits(const std::optional<lock::LockFile>& old, const LockSubject& subject,
                                               const ProjectRequirements& requirements, Session& session);

}  // namespace pkg::ops
