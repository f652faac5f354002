#pragma once
// Which variables of this process builds get: what the options say, and which secrets the settings know.

#include "builder/build_variables.h"
#include "index/settings.h"
#include "ops/session/build_options.h"

namespace pkg::ops {

builder::VariableRules variable_rules(const BuildOptions& options, const index::Settings& settings);

}  // namespace pkg::ops
