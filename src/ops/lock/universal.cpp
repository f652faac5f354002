#include "ops/lock/universal.h"

#include <algorithm>
#include <utility>

#include "ops/project/own_project.h"
#include "ops/project/policy_settings.h"
#include "ops/project/project_sources.h"

namespace pkg::ops {
namespace {

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Result<resolver::Problem> universal_problem(const LockSubject& subject, const LockOptions& options,
                                            const ProjectRequirements& requirements,
                                            const pep::SpecifierSet& requires_python,
                                            std::vector<resolver::Preference> preferences, const Session& session) {
  const auto& settings = subject.project.settings;
  resolver::Problem problem;
  problem.requirements = requirements.requirements;
  problem.constraints = settings.constraints;
  append_all(problem.constraints, requirements.constraints);
  append_all(problem.constraints, subject.inputs.constraints);
  problem.overrides = settings.overrides;
  append_all(problem.overrides, subject.inputs.overrides);
  problem.excludes = settings.excludes;
  append_all(problem.excludes, subject.inputs.excludes);
  problem.parent_rules = settings.parent_rules;
  problem.universe = resolver::Universe{
      .requires_python = requires_python,
      .environments = settings.environments,
      .required = settings.required_environments,
      .conflicts = settings.conflicts,
      .strict_requires_python = options.strict_requires_python,
      .fewest_versions = options.fewest_versions.value_or(settings.fewest_versions),
  };
  problem.policy = subject.resolve.policy;
  PKG_TRY(apply_policy_settings(settings, session.now(), problem.policy));
  problem.is_upgrade = subject.resolve.upgrade;
  PKG_TRY_ASSIGN(const auto lifted, lift_upgrades(subject.resolve.upgrade_packages, problem));
  std::erase_if(preferences, [&](const resolver::Preference& preference) { return lifted.contains(preference.name); });
  problem.preferences = std::move(preferences);
  problem.index_rules = rules_by_environment(requirements.index_rules);
  for (const auto& member : subject.project.members)
    if (member.pyproject.project) problem.own.push_back(own_project(*member.pyproject.project));
  return problem;
}

}  // namespace pkg::ops
