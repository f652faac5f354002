#pragma once
// What the verbs that lock a project and sync its environment are told alike: sync, upgrade, run, add, remove.

#include "base/result.h"
#include "cli/front.h"
#include "cli/lock_options.h"
#include "cli/options.h"
#include "ops/sync_lock.h"

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
// After parse: the session, and `options` as the flags say.
Result<Front> make_front(const SyncFlags& flags, const Config& config, ops::SyncOptions& options);

}  // namespace pkg::cli
