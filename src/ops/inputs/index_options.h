#pragma once
// The options that requirements files may carry (-i, --pre …), put where they belong.
// docs/reference/requirements-files.md#options

#include <filesystem>

#include "base/result.h"
#include "index/settings.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "pep/requirements_txt.h"

namespace pkg::ops {

// -i, --extra-index-url, -f, --no-index, --trusted-host: into `settings`, as pip combines them. Others are ignored.
// `folder`: where a relative --find-links is looked for before the working folder; may be empty.
void apply_index_option(const pep::RequirementLine& line, const std::filesystem::path& folder, const Session& session,
                        index::Settings& settings);

// All others: into `inputs`, or a warning for what has no meaning here. bad_data: a value that is no project's name.
Status apply_input_option(const pep::RequirementLine& line, Inputs& inputs, const Session& session);

}  // namespace pkg::ops
