#include "ops/inputs/project_rules.h"

#include <algorithm>
#include <iterator>

#include "ops/project/policy_settings.h"

namespace pkg::ops {

Status add_project_rules(const ProjectSettings& settings, std::int64_t now, Inputs& inputs) {
  std::ranges::copy(settings.constraints, std::back_inserter(inputs.constraints));
  std::ranges::copy(settings.overrides, std::back_inserter(inputs.overrides));
  std::ranges::copy(settings.excludes, std::back_inserter(inputs.excludes));
  std::ranges::copy(settings.parent_rules, std::back_inserter(inputs.parent_rules));
  resolver::Policy policy;
  PKG_TRY(apply_policy_settings(settings, now, policy));
  inputs.releases.of.insert(policy.prereleases_of.begin(), policy.prereleases_of.end());
  inputs.exclude_newer_of.insert(policy.exclude_newer_of.begin(), policy.exclude_newer_of.end());
  return ok_status();
}

}  // namespace pkg::ops
