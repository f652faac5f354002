#pragma once
// [tool.pkg] as far as it says how things are built: config-settings, extra-build-dependencies and the like.
// docs/reference/project.md#builds

#include "base/result.h"
#include "base/toml.h"
#include "ops/project/project.h"
#include "ops/session/source_builder.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// The value of one key into settings.build. bad_data with file:line.
Status read_config_settings(const toml::Value& value, const pep::TomlReader& reader, ProjectSettings& settings);
Status read_config_settings_of(const toml::Value& value, const pep::TomlReader& reader, ProjectSettings& settings);
Status read_extra_build_dependencies(const toml::Value& value, const pep::TomlReader& reader,
                                     ProjectSettings& settings);
Status read_extra_build_variables(const toml::Value& value, const pep::TomlReader& reader, ProjectSettings& settings);
Status read_build_constraints(const toml::Value& value, const pep::TomlReader& reader, ProjectSettings& settings);

// Adds a project's settings to those of the command line, which win. Doing it again changes nothing. Variables that
// needs_trust() stay out unless options.trusts_project_variables.
void apply_build_settings(const ProjectBuildSettings& settings, BuildOptions& options);

// Whether a project may set this variable for builds only when its user trusts it: it leads out of the build, or says
// whom to believe.
bool needs_trust(std::string_view variable);

// The same for a command that is about no project but stands in one (`pkg install numpy`): its options get what
// [tool.pkg] of the project around the working folder says of builds. What cannot be read is a warning.
void use_project_builds(Session& session);

}  // namespace pkg::ops
