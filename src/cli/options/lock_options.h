#pragma once
// Option groups of the verbs that lock a project or work from its lock: lock, sync, run, export, upgrade.

#include <string>
#include <vector>

#include "cli/config/config.h"
#include "cli/options/options.h"
#include "ops/lock/lock.h"
#include "ops/lock/locked_pins.h"
#include "ops/project/member_choice.h"

namespace pkg::cli {

// How a lock is made, beside the resolver's options.
struct LockFlags {
  bool mirror_neutral = false, no_mirror_neutral = false, strict_requires_python = false;
  std::string fork_strategy;  // empty: the project's
};
// `file` has the name of a lock (PEP 751): "pylock.toml" or "pylock.NAME.toml".
bool is_lock(const std::string& file);
// usage: one of `files` is a TOML file of another name, which nobody takes for a lock or for requirements.
Status refuse_misnamed_locks(const std::vector<std::string>& files);
// usage: `file`, where a lock is to be written, has a name that no tool would read it by.
Status check_lock_name(const std::string& file);

void add_lock_options(OptionParser& parser, LockFlags& flags);
void apply_config(const Config& config, LockFlags& flags);
void apply(const LockFlags& flags, ops::LockOptions& options);

// -c, --override, --exclude.
void add_narrowing_options(OptionParser& parser, ops::InputOptions& options);

// --extra, --group and the like: which part of a lock is wanted.
struct SelectionFlags {
  ops::SelectionOptions selection;
  bool no_dev = false, dev = false, only_dev = false;
};
void add_selection_options(OptionParser& parser, SelectionFlags& flags);
// The same of a verb for which --group means more: `what_group_is` is its help.
void add_selection_options(OptionParser& parser, SelectionFlags& flags, const std::string& what_group_is);
void apply_config(const Config& config, SelectionFlags& flags);
ops::SelectionOptions selection_of(const SelectionFlags& flags);

// --package, --all-packages: which members of a workspace a verb is about.
void add_member_options(OptionParser& parser, ops::MemberOptions& options);

// --locked, --frozen.
void take_freshness(const Config& config, bool& locked, bool& frozen);
void add_freshness_options(OptionParser& parser, bool& locked, bool& frozen);

}  // namespace pkg::cli
