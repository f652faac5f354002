#pragma once
// The project that requirements stand in: no index is asked for its name.

#include <vector>

#include "base/result.h"
#include "pep/pyproject.h"
#include "pep/requirement.h"
#include "resolver/problem.h"

namespace pkg::ops {

// The list of a project that a requirement is written in: of an extra, of a group, or (both empty) its dependencies.
struct WrittenIn {
  pep::Name extra, group;
};
struct ListedRequirement {
  pep::Requirement requirement;
  WrittenIn list;
};

// As the resolver meets it when a dependency asks for it. What it depends on without an extra is asked for anyway.
resolver::OwnProject own_project(const pep::ProjectTable& project);

// not_found: `extra` is none of the project's, with the nearest one.
Error no_such_extra(const pep::ProjectTable& project, const pep::Name& extra);

// conflict: `requirement`, which is on `project`, rules out the version that the project has. One that only the build
// backend knows is met by all. `file_name`: the project's, as messages call it.
Status check_own_version(const pep::Requirement& requirement, const pep::ProjectTable& project,
                         const std::string& file_name);

// `list` with what the project requires of itself ("me[a,b]") replaced by what these extras require, each under the
// marker of the requirement that names them. not_found: the project has no such extra, with the nearest one · conflict:
// check_own_version().
Result<std::vector<ListedRequirement>> without_self_references(const pep::ProjectTable& project,
                                                               const std::vector<ListedRequirement>& list,
                                                               const std::string& file_name);

}  // namespace pkg::ops
