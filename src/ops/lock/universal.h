#pragma once
// The Problem of a universal resolution: a project's requirements and settings put together.
// docs/internals/resolver.md#universal-resolution

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/settings.h"
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
                                            std::vector<resolver::Preference> preferences, const Session& session);

// Per-package cut-offs and pre-release choices of the project's settings. usage: a cut-off that is neither date nor
// duration.
Status apply_policy_settings(const ProjectSettings& settings, std::int64_t now, resolver::Policy& policy);

// `settings` with projects that must come from an index of this name. not_found: no such index is configured, with the
// known ones.
Result<index::Settings> bind_indexes(std::span<const resolver::IndexRule> rules, index::Settings settings);
// That all of these are configured; else not_found, as above.
Status check_indexes(std::span<const resolver::IndexRule> rules, const index::Settings& settings);

}  // namespace pkg::ops
