#pragma once
// The working copy of an editable revision (`-e git+https://…`): a folder that stays, as pip's --src.

#include <filesystem>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/source_url.h"

namespace pkg::ops {

// The checkout of `exact` (its revision is a commit) in a folder below `parent`, named like the project; a copy of the
// same commit that is there already is taken as it is, local changes included. The project's folder: subdirectory
// applied. conflict: the folder is there, but no copy of this commit.
Result<std::filesystem::path> editable_checkout(const pep::SourceUrl& exact, const std::filesystem::path& parent,
                                                Session& session);

}  // namespace pkg::ops
