#pragma once
// `pkg upgrade --bump`: the bounds in pyproject.toml move so that the newest versions fit, then they are locked and
// synced. docs/reference/project.md#bump

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/edit/edit_steps.h"
#include "ops/session/session.h"
#include "pep/name.h"

namespace pkg::ops {

struct BumpOptions {
  EditOptions edit;                 // list and script are not looked at; package: the bounds of this member alone
  std::vector<std::string> names;   // NAME or NAME==V: what moves, in all lists …
  std::vector<std::string> groups;  // … and these dependency groups' own lists. Both empty: everything
};

// A requirement whose bounds moved.
struct BumpedRequirement {
  std::string file;  // as messages call it: "packages/a/pyproject.toml"
  std::string list;  // "project.dependencies"
  std::string name;
  std::string before, after;  // as the file has them
  std::string version;        // that moved them
};

struct BumpReport : EditOutcome {
  std::vector<BumpedRequirement> bumped;  // by file, in its order
  std::size_t looked_at = 0;              // requirements that have bounds which can move
  bool dry_run = false;
};

// What dependency groups of the project require, with the groups that they include: for `--group`. not_found: no member
// has such a group · those of pep::dependency_group.
Result<std::set<pep::Name>> names_in_groups(const Project& project, const std::vector<std::string>& groups);

// Two resolutions: one in which these requirements have lower bounds only, which says how far they can go together with
// everything else, on every Python of the project; then the one that is locked. Requirements from a place of their own
// (paths, URLs, git, members) have no bounds to move. not_found: no project, no such group or member. Others: those of
// carry_out_edits; the files are as they were then.
Result<BumpReport> bump_bounds(const BumpOptions& options, Session& session);

}  // namespace pkg::ops
