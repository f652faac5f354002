#pragma once
// The Problem of a universal resolution: a project's requirements and settings put together.
// docs/internals/resolver.md#universal-resolution

#include <span>

#include "base/result.h"
#include "ops/lock/lock_subject.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "resolver/problem.h"

namespace pkg::ops {

// `preferences` count as far as options.resolve.upgrade_packages do not lift them. usage: a cut-off · bad_data: one of
// upgrade_packages is no requirement.
Result<resolver::Problem> universal_problem(const LockSubject& subject, const LockOptions& options,
                                            const ProjectRequirements& requirements,
                                            const pep::SpecifierSet& requires_python,
                                            std::span<const resolver::Preference> preferences, const Session& session);

}  // namespace pkg::ops
