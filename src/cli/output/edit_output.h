#pragma once
// What the verbs share that edit pyproject.toml (add, remove, version, upgrade --bump): options and what they print.

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "ops/edit/edit_project.h"

namespace pkg::cli {

struct EditFlags {
  SyncFlags sync;
  std::string group, extra;
  bool dev = false;
};

void add_edit_options(OptionParser& parser, EditFlags& flags, ops::EditOptions& options);
// After parse. usage: two lists are named at once.
Result<CommandContext> make_context(const Invocation& invocation, const EditFlags& flags, const Config& config,
                                    ops::EditOptions& options);

// Lock and sync, where they came of it: lines on stderr, and members of a JSON document.
void tell_outcome(const ops::EditOutcome& outcome, CommandContext& context);
void add_outcome(const ops::EditOutcome& outcome, json::Json& value);

// Text, or JSON with --json; returns the exit code. Errors: none.
Result<int> print_edit(const ops::EditReport& report, std::string_view verb, CommandContext& context);

}  // namespace pkg::cli
