#include "cli/options/lock_options.h"

#include <filesystem>

#include "base/text.h"
#include "cli/config/take.h"
#include "lock/pylock.h"

namespace pkg::cli {
namespace {

std::string name_of(const std::string& file) { return std::filesystem::path(file).filename().string(); }

Error misnamed(const std::string& file) {
  auto stem = std::filesystem::path(file).stem().string();
  for (auto& c : stem)
    if (c == '.') c = '_';
  return make_error(ErrorKind::usage,
                    cat("a lock is called `pylock.toml` or `pylock.NAME.toml`, and ", quote(file), " is neither"),
                    stem.empty() ? std::string() : cat("call it ", quote(cat("pylock.", stem, ".toml"))));
}

}  // namespace

bool is_lock(const std::string& file) { return lock::is_lock_file_name(name_of(file)); }

Status refuse_misnamed_locks(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    const auto name = name_of(file);
    if (name.ends_with(".toml") && name != "pyproject.toml" && !is_lock(file)) return misnamed(file);
  }
  return ok_status();
}

Status check_lock_name(const std::string& file) { return is_lock(file) ? ok_status() : Status(misnamed(file)); }

void add_lock_options(OptionParser& parser, LockFlags& flags) {
  parser.group("Locking");
  parser.setting("fork-strategy", flags.fork_strategy);
  parser.setting("mirror-neutral", flags.mirror_neutral);
  parser.flag("--no-mirror-neutral", flags.no_mirror_neutral, "Write addresses into the lock again");
  parser.setting("strict-requires-python", flags.strict_requires_python);
}

void apply_config(const Config& config, LockFlags& flags) {
  flags.mirror_neutral = config.flag("mirror-neutral");
  flags.strict_requires_python = config.flag("strict-requires-python");
  take(config, "fork-strategy", flags.fork_strategy);
}

void apply(const LockFlags& flags, ops::LockOptions& options) {
  if (flags.mirror_neutral) options.mirror_neutral = true;
  if (flags.no_mirror_neutral) options.mirror_neutral = false;
  options.strict_requires_python = flags.strict_requires_python;
  if (!flags.fork_strategy.empty()) options.fewest_versions = flags.fork_strategy == "fewest";
}

void add_narrowing_options(OptionParser& parser, ops::InputOptions& options) {
  parser.group("Inputs");
  parser.setting("constraint", options.constraints_files);
  parser.setting("override", options.override_files);
  parser.list("--exclude", options.excludes, "Never install this, whatever requires it", "NAME");
}

void add_selection_options(OptionParser& parser, SelectionFlags& flags, const std::string& what_group_is) {
  auto& selection = flags.selection;
  parser.group("Extras and groups");
  parser.list("--extra", selection.extras, "Take this extra of the project", "NAME");
  parser.setting("all-extras", selection.all_extras, "Take all extras of the project");
  parser.list("--group", selection.groups, what_group_is, "NAME");
  parser.setting("all-groups", selection.all_groups);
  parser.setting("no-group", selection.excluded_groups);
  parser.list("--only-group", selection.only_groups, "Take this dependency group and what it needs, and nothing else",
              "NAME");
  parser.setting("no-default-groups", selection.no_default_groups);
  parser.flag("--dev", flags.dev, "Take the group `dev`, too");
  parser.setting("no-dev", flags.no_dev);
  parser.flag("--only-dev", flags.only_dev, "Take the group `dev` and what it needs, and nothing else");
}

void add_selection_options(OptionParser& parser, SelectionFlags& flags) {
  add_selection_options(parser, flags, "Take this dependency group, too");
}

void apply_config(const Config& config, SelectionFlags& flags) {
  take(config, "all-extras", flags.selection.all_extras);
  take(config, "all-groups", flags.selection.all_groups);
  take(config, "no-group", flags.selection.excluded_groups);
  take(config, "no-default-groups", flags.selection.no_default_groups);
  take(config, "no-dev", flags.no_dev);
}

ops::SelectionOptions selection_of(const SelectionFlags& flags) {
  auto selection = flags.selection;
  if (flags.dev) selection.groups.emplace_back("dev");
  if (flags.no_dev) selection.excluded_groups.emplace_back("dev");
  if (flags.only_dev) selection.only_groups.emplace_back("dev");
  return selection;
}

void take_freshness(const Config& config, bool& locked, bool& frozen) {
  take(config, "locked", locked);
  take(config, "frozen", frozen);
}

void add_member_options(OptionParser& parser, ops::MemberOptions& options) {
  parser.list("--package", options.packages, "Take this member of the workspace instead of the one here", "NAME");
  parser.flag("--all-packages", options.all, "Take all members of the workspace");
}

void add_freshness_options(OptionParser& parser, bool& locked, bool& frozen) {
  parser.setting("locked", locked);
  parser.setting("frozen", frozen);
}

}  // namespace pkg::cli
