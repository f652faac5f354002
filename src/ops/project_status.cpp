#include "ops/project_status.h"

#include "base/text.h"

namespace pkg::ops {
namespace {

std::string_view word_for(index::ProjectStatus status) {
  switch (status) {
    case index::ProjectStatus::archived:
      return "archived";
    case index::ProjectStatus::quarantined:
      return "quarantined";
    case index::ProjectStatus::deprecated:
      return "deprecated";
    case index::ProjectStatus::active:
      break;
  }
  return {};
}

}  // namespace

void add_project_warnings(const resolver::Resolution& resolution, const LiveSource& source, std::vector<std::string>& warnings) {
  for (const auto& pin : resolution.pins) {
    const auto* project = source.project(pin.name);
    if (project == nullptr || project->status() == index::ProjectStatus::active) continue;
    auto text = cat("the index marks ", quote(pin.name.str()), " as ", word_for(project->status()));
    if (!project->status_reason().empty()) append(text, ": ", project->status_reason());
    warnings.push_back(std::move(text));
  }
}

}  // namespace pkg::ops
