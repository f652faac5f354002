#pragma once
// The options shared by the verbs that lock a project and sync its environment: sync, upgrade, run, add, remove.

#include "base/result.h"
#include "cli/command_context.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "ops/install/sync_lock.h"

namespace pkg::cli {

struct SyncFlags {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LinkFlags link;
  LockFlags lock;
  SelectionFlags selection;  // declared by the verbs that have it, with add_selection_options
};

void apply_config(const Config& config, SyncFlags& flags, ops::SyncOptions& options);
// All but the selection, the general options last.
void add_sync_options(OptionParser& parser, SyncFlags& flags, ops::SyncOptions& options, bool with_places);
// After parse: the session, and `options` as the flags say. Errors: those of CommandContext::make, make_resolve_options
// and make_apply_options (usage: a flag's value …).
Result<CommandContext> make_context(const Invocation& invocation, const SyncFlags& flags, const Config& config,
                                    ops::SyncOptions& options);

}  // namespace pkg::cli
