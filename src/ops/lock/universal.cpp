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

// What the project, its requirements' files and the command line say together.
Inputs joined_inputs(const LockSubject& subject, const ProjectRequirements& requirements) {
  const auto& settings = subject.project.settings;
  Inputs inputs;
  inputs.requirements = requirements.requirements;
  inputs.constraints = settings.constraints;
  append_all(inputs.constraints, requirements.constraints);
  append_all(inputs.constraints, subject.inputs.constraints);
  inputs.overrides = settings.overrides;
  append_all(inputs.overrides, subject.inputs.overrides);
  inputs.excludes = settings.excludes;
  append_all(inputs.excludes, subject.inputs.excludes);
  inputs.parent_rules = settings.parent_rules;
  inputs.index_rules = rules_by_environment(requirements.index_rules);
  for (const auto& member : subject.project.members)
    if (member.pyproject.project) inputs.own.push_back(own_project(*member.pyproject.project));
  return inputs;
}

}  // namespace

Result<resolver::Problem> universal_problem(const LockSubject& subject, const LockOptions& options,
                                            const ProjectRequirements& requirements,
                                            const pep::SpecifierSet& requires_python,
                                            std::span<const resolver::Preference> preferences, const Session& session) {
  const auto& settings = subject.project.settings;
  PKG_TRY_ASSIGN(auto problem, problem_for_anybody(joined_inputs(subject, requirements), subject.resolve, preferences));
  PKG_TRY(apply_policy_settings(settings, session.now(), problem.policy));
  problem.universe = resolver::Universe{
      .requires_python = requires_python,
      .environments = settings.environments,
      .required = settings.required_environments,
      .conflicts = settings.conflicts,
      .strict_requires_python = options.strict_requires_python,
      .fewest_versions = options.fewest_versions.value_or(settings.fewest_versions),
  };
  return problem;
}

}  // namespace pkg::ops
