#pragma once
// Members of a project whose dependencies only their build backend can tell ([project] dynamic).

#include "base/result.h"
#include "ops/project/project.h"
#include "ops/session/session.h"

namespace pkg::ops {

bool is_dynamic(const Member& member);
// Whether some member's dependencies or extras are dynamic.
bool has_dynamic(const Project& project);

// Asks the backends of such members, and puts the answers in place: after that nothing of it is dynamic. Errors: of
// builds, with the member's file.
Status tell_dynamic(Project& project, Session& session);

// Requirements of metadata as a pyproject.toml has them: those without extras, and those of each extra.
void put_requirements(const pep::Metadata& metadata, const std::string& file_name, pep::ProjectTable& table);

}  // namespace pkg::ops
