#pragma once
// What `tree`, `why` and `outdated` have in common: which graph is looked at.

#include <filesystem>
#include <vector>

#include "base/events.h"
#include "base/json.h"
#include "cli/options/options.h"
#include "ops/inspect/open_graph.h"

namespace pkg::cli {

// --installed, and the options of environments.
void add_graph_options(OptionParser& parser, ops::GraphOptions& options);

// {"kind": "lock" | "environment", "path": …}.
json::Json source_json(bool is_lock, const std::filesystem::path& path);

// Packages whose requirements could not be read: told once, when there are any.
void warn_unreadable(const std::vector<pep::Name>& names, Reporter& reporter);

}  // namespace pkg::cli
