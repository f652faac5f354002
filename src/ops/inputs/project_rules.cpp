#include "ops/inputs/project_rules.h"

#include "ops/project/policy_settings.h"

namespace pkg::ops {
namespace {

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Status add_project_rules(const ProjectSettings& settings, std::int64_t now, Inputs& inputs) {
  append_all(inputs.constraints, settings.constraints);
  append_all(inputs.overrides, settings.overrides);
  append_all(inputs.excludes, settings.excludes);
  append_all(inputs.parent_rules, settings.parent_rules);
  resolver::Policy policy;
  PKG_TRY(apply_policy_settings(settings, now, policy));
  inputs.releases.of.insert(policy.prereleases_of.begin(), policy.prereleases_of.end());
  inputs.exclude_newer_of.insert(policy.exclude_newer_of.begin(), policy.exclude_newer_of.end());
  return ok_status();
}

}  // namespace pkg::ops
