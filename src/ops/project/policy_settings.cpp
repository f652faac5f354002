#include "ops/project/policy_settings.h"

#include "base/text.h"
#include "base/time.h"

namespace pkg::ops {

Status apply_policy_settings(const ProjectSettings& settings, std::int64_t now, resolver::Policy& policy) {
  for (const auto& [name, text] : settings.exclude_newer_of) {
    if (text == "false") {
      policy.exclude_newer_of[name] = std::nullopt;
      continue;
    }
    PKG_TRY_ASSIGN(policy.exclude_newer_of[name], time::parse_cutoff(text, now).with([project = name] {
      return cat("in exclude-newer-package of ", quote(project.str()));
    }));
  }
  policy.prereleases_of.insert(settings.prereleases_of.begin(), settings.prereleases_of.end());  // options go first
  return ok_status();
}

}  // namespace pkg::ops
