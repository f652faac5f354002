#pragma once
// A script with a "# /// script" block (PEP 723) as a project: its dependencies, Python and [tool.pkg] settings.

#include <filesystem>

#include "base/result.h"
#include "ops/project/project.h"
#include "ops/session/resolve_options.h"
#include "ops/session/session.h"
#include "ops/session/trusted_projects.h"

namespace pkg::ops {

// One member without a name, in the script's folder. bad_data with the script's name: no block, or what it holds is of
// the wrong type · not_found · io.
Result<Project> open_script(const std::filesystem::path& script);
// What [tool.pkg] of a script's block says besides ProjectSettings, put into `settings` and `options`: its indexes come
// before the configured ones; exclude-newer, prerelease and resolution count where nothing else was said. bad_data: an
// index without a URL · usage: an exclude-newer that is none.
Status apply_script_settings(const Project& script, const Session& session, index::Settings& settings,
                             ResolveOptions& options);
// What `pkg config trust SCRIPT` trusts: the script, with the indexes that its block names. Errors: those of
// open_script; bad_data: an index without a URL.
Result<TrustedProject> script_trust(const std::filesystem::path& script);
bool has_script_block(const std::filesystem::path& script);  // false too when it cannot be read

}  // namespace pkg::ops
