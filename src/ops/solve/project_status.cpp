#include "ops/solve/project_status.h"

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

std::string marked_as(const pep::Name& name, const index::Project& project) {
  auto text = cat("the index marks ", quote(name.str()), " as ", word_for(project.status()));
  if (!project.status_reason().empty()) append(text, ": ", project.status_reason());
  return text;
}

bool is_taken_from_index(const resolver::Pin& pin) { return !pin.files.empty() && !pin.best_file().index.empty(); }

}  // namespace

Status refuse_quarantined(const resolver::Problem& problem, const resolver::Resolution& resolution,
                          const LiveSource& source) {
  for (const auto& pin : resolution.pins) {
    const auto* project = is_taken_from_index(pin) ? source.project_of(pin.best_file()) : nullptr;
    if (project == nullptr || project->status() != index::ProjectStatus::quarantined ||
        problem.policy.hashes.contains(pin.name))
      continue;
    return make_error(ErrorKind::conflict, marked_as(pin.name, *project),
                      cat("its files may be harmful; one that you know is right can be pinned: ", pin.name.str(),
                          "==VERSION --hash=sha256:…"));
  }
  return ok_status();
}

void add_project_warnings(const resolver::Resolution& resolution, const LiveSource& source,
                          std::vector<std::string>& warnings) {
  for (const auto& pin : resolution.pins) {
    const auto* project = source.project_of(pin.best_file());
    if (project == nullptr || project->status() == index::ProjectStatus::active) continue;
    warnings.push_back(marked_as(pin.name, *project));
  }
}

}  // namespace pkg::ops
