#pragma once
// [tool.pkg.sources] applied to one requirement: what the resolver is asked for instead. docs/project.md#sources

#include <map>
#include <string>

#include "base/result.h"
#include "ops/project/project.h"

namespace pkg::ops {

// Adds to `asked` the requirement as it stands where no source is for its name; otherwise one for each source, under
// that source's marker, and where every source has a marker, one for all other environments. Sources become URLs, their
// versions are kept as constraints. Index sources leave a requirement alone (see index_sources).
//   member     where the requirement was written: its own sources come before those of the root
//   condition  beside the requirement's own marker
//   errors     bad_data: a source of another project or kind, URL and source at once, sources that overlap ·
//              not_found: a path · conflict: a wheel of a version that is not accepted
Status add_with_sources(const pep::Requirement& requirement, const Member& member, const Project& project,
                        const pep::Marker& condition, ProjectRequirements& asked);

// What a requirement on a member of the workspace must be: a version the member has (else conflict), and no source
// elsewhere (else bad_data).
Status check_member_requirement(const pep::Requirement& requirement, const Member& writer, const Member& wanted,
                                const Project& project);

// All index sources of a project: name → name of the index. unsupported: one with a marker, or beside others ·
// conflict: members want two.
Result<std::map<pep::Name, std::string>> index_sources(const Project& project);

}  // namespace pkg::ops
