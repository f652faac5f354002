#pragma once
// What install and sync print, and what commands with inputs read from standard input.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command_context.h"
#include "ops/inputs/inputs.h"
#include "ops/install/install.h"
#include "ops/install/sync_lock.h"

namespace pkg::cli {

// The environment a command changes, or would: named on stderr unless it is .venv of the working folder, and when it
// was made.
struct EnvironmentChange {
  std::filesystem::path prefix;
  std::string made_again = {};
  bool created = false, dry_run = false;
  bool any = false;  // something in it changes
};
EnvironmentChange environment_change(const ops::InstallReport& report);
void tell_environment(const EnvironmentChange& change, CommandContext& context);

// Text, --json or --report; returns the exit code.
Result<int> print_install(const ops::InstallReport& report, std::string_view verb, const std::string& report_file,
                          CommandContext& context);

// The same of a sync from a lock.
Result<int> print_sync(const ops::SyncReport& report, std::string_view verb, CommandContext& context);
// What a sync did, on stderr; nothing where nothing was done.
void tell_sync(const ops::SyncReport& report, CommandContext& context);

// Reads standard input when one of the files is "-".
Status read_standard_input(ops::InputOptions& inputs);

}  // namespace pkg::cli
