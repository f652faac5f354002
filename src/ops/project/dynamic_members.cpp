#include "ops/project/dynamic_members.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "lock/partial_marker.h"

namespace pkg::ops {
namespace {

bool is_told(const std::string& key) { return key == "dependencies" || key == "optional-dependencies"; }

}  // namespace

bool is_dynamic(const Member& member) {
  return member.pyproject.project && std::ranges::any_of(member.pyproject.project->dynamic, is_told);
}

bool has_dynamic(const Project& project) { return std::ranges::any_of(project.members, is_dynamic); }

void put_requirements(const pep::Metadata& metadata, const std::string& file_name, pep::ProjectTable& table) {
  table.dependencies.clear();
  table.optional_dependencies.clear();
  for (const auto& extra : metadata.provides_extra) table.optional_dependencies.push_back({extra, {}});
  const auto add = [&](const pep::Requirement& stated, pep::Marker marker, std::vector<pep::Requirement>& list) {
    auto& requirement = list.emplace_back(stated);
    requirement.marker = std::move(marker);
    requirement.origin = Origin{.file = file_name, .what = {}, .line = 0, .column = 0};
  };
  for (const auto& stated : metadata.requires_dist) {
    if (auto always = lock::decide_parts(stated.marker, {})) {
      add(stated, std::move(*always), table.dependencies);
      continue;
    }
    for (auto& [extra, list] : table.optional_dependencies) {
      if (auto marker = lock::decide_parts(stated.marker, {.extras = {}, .groups = {}, .own_extras = {extra}}))
        add(stated, std::move(*marker), list);
    }
  }
}

Status tell_dynamic(Project& project, Session& session) {
  for (auto& member : project.members) {
    if (!is_dynamic(member)) continue;
    const auto asking = [&] {
      return cat("while asking the build backend for the dependencies of ", quote(member.file_name));
    };
    PKG_TRY_ASSIGN(auto* builds, session.need_builds());
    PKG_TRY_ASSIGN(const auto source, builds->source(url::path_to_file_url(member.folder.native()), true).with(asking));
    put_requirements(*source.metadata, member.file_name, *member.pyproject.project);
    std::erase_if(member.pyproject.project->dynamic, is_told);
  }
  return ok_status();
}

}  // namespace pkg::ops
