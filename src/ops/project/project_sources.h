#pragma once
// [tool.pkg.sources] applied to one requirement: what the resolver is asked for instead.
// docs/reference/project.md#sources

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/settings.h"
#include "ops/project/own_project.h"
#include "ops/project/project.h"

namespace pkg::ops {

// Adds to `asked` the requirement as it stands where no source is for its name; otherwise one for each source that
// counts for this list, under that source's marker, and where every source has a marker, one for all other
// environments. A source for this list comes before those for all lists. Sources become URLs, their versions are kept
// as constraints. Index sources leave a requirement alone (see index_sources).
//   member     where the requirement was written: its own sources come before those of the root
//   condition  beside the requirement's own marker
//   errors     bad_data: a source of another project or kind, URL and source at once, sources that overlap ·
//              not_found: a path · conflict: a wheel of a version that is not accepted
Status add_with_sources(const pep::Requirement& requirement, const WrittenIn& list, const Member& member,
                        const Project& project, const pep::Marker& condition, ProjectRequirements& asked);

// What a requirement on a member of the workspace must be: a version the member has (else conflict), and no source
// elsewhere (else bad_data).
Status check_member_requirement(const pep::Requirement& requirement, const Member& writer, const Member& wanted,
                                const Project& project);

// When what is written in the list of an extra is asked for: that extra is, or one that asks for it.
using WhenAsked = std::map<pep::Name, pep::Marker>;

// All index sources of a project, in the order in which they count: those of one extra or group come first. An extra
// that `when_asked` does not have is asked for where it is selected. bad_data: two that are for the same environments
// and selections (declared conflicts are no selections) · conflict: members want two.
Result<std::vector<resolver::IndexRule>> index_sources(const Project& project, const WhenAsked& when_asked = {});

// Of these, the projects that come from one index everywhere, and the other rules.
std::map<pep::Name, std::string> indexes_everywhere(std::span<const resolver::IndexRule> rules);
std::vector<resolver::IndexRule> rules_by_environment(std::span<const resolver::IndexRule> rules);

// That the indexes of all rules are configured. not_found: one is not, with the known ones.
Status check_indexes(std::span<const resolver::IndexRule> rules, const index::Settings& settings);
// `settings` with projects that must come from an index of this name. Errors: those of check_indexes.
Result<index::Settings> bind_indexes(std::span<const resolver::IndexRule> rules, index::Settings settings);

}  // namespace pkg::ops
