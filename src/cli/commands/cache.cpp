#include <nlohmann/json.hpp>

#include "base/events.h"
#include "base/fs_lock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/output/sizes.h"
#include "index/cache/cache.h"
#include "index/remote/entry_keys.h"
#include "index/remote/remote_cache.h"
#include "ops/bundle/fleet.h"

namespace pkg::cli {
namespace {

constexpr double kLockWaitSeconds = 60;

Result<int> dir(const fs::Path& root, bool as_json) {
  if (as_json) {
    auto value = result_json("cache dir");
    value["path"] = root.string();
    out_json(value);
  } else {
    out(root.string(), "\n");
  }
  return 0;
}

Result<int> info(const fs::Path& root, bool as_json) {
  PKG_TRY_ASSIGN(const auto info, index::cache_info(root));
  if (as_json) {
    auto value = result_json("cache info");
    value["folder"] = root.string();
    value["pages"] = info.pages;
    value["metadata"] = info.metadata;
    value["wheels"] = info.wheels;
    value["bytes"] = info.bytes;
    out_json(value);
    return 0;
  }
  out("Folder: ", root.string(), "\nProject pages: ", info.pages, "\nMetadata bundles: ", info.metadata,
      "\nWheels: ", info.wheels, "\nSize: ", megabytes(info.bytes), " MB", "\n");
  return 0;
}

Result<int> list(const fs::Path& root, bool as_json) {
  PKG_TRY_ASSIGN(const auto wheels, index::cache_list(root));
  if (as_json) {
    auto value = result_json("cache list");
    value["wheels"] = json::Json::array();
    for (const auto& wheel : wheels) {
      value["wheels"].push_back({{"name", wheel.name},
                                 {"version", wheel.version},
                                 {"sha256", wheel.sha256_hex},
                                 {"bytes", wheel.bytes},
                                 {"files", wheel.files}});
    }
    out_json(value);
    return 0;
  }
  if (wheels.empty()) return 0;
  std::vector<std::vector<std::string>> rows{{"Wheel", "Version", "Size", "Files"}};
  for (const auto& wheel : wheels)
    rows.push_back({wheel.name, wheel.version, cat(megabytes(wheel.bytes), " MB"), cat(wheel.files)});
  out(table(rows));
  return 0;
}

int removed(std::string_view verb, const index::CacheRemoval& removal, bool as_json) {
  if (as_json) {
    auto value = result_json(verb);
    value["files"] = removal.files;
    value["bytes"] = removal.bytes;
    value["kept_wheels"] = removal.kept_wheels;
    out_json(value);
  } else {
    err("Removed ", counted(removal.files, "file"), ", ", megabytes(removal.bytes), " MB", "\n");
    if (removal.kept_wheels != 0)
      err("Kept ", counted(removal.kept_wheels, "wheel"),
          " that environments link to (--link-mode symlink); --force removes them, and those environments do not work "
          "then\n");
  }
  return 0;
}

// Those who use the cache are waited for, except there.
void warn_of_no_locks(const fs::Path& root, Reporter& reporter) {
  if (!fs::has_locks(index::CachePaths{root}.lock()))
    reporter.warning("the cache's file system has no locks: pkg commands that use it meanwhile may fail");
}

Result<int> verify(const fs::Path& root, bool remove_damaged, bool as_json) {
  PKG_TRY_ASSIGN(const auto damage,
                 index::cache_verify(root, remove_damaged ? index::DamagedWheels::remove : index::DamagedWheels::report,
                                     kLockWaitSeconds));
  if (as_json) {
    auto value = result_json("cache verify");
    value["damaged"] = json::Json::array();
    for (const auto& item : damage) {
      value["damaged"].push_back({{"sha256", item.sha256_hex},
                                  {"name", item.name},
                                  {"version", item.version},
                                  {"what", item.what},
                                  {"removed", item.removed}});
    }
    out_json(value);
  } else {
    for (const auto& item : damage) {
      out(item.name.empty() ? item.sha256_hex : cat(item.name, " ", item.version), ": ", item.what,
          item.removed ? " (removed)" : "", "\n");
    }
    if (damage.empty()) err("The cache is sound\n");
  }
  return damage.empty() || remove_damaged ? 0 : 1;
}

}  // namespace

namespace {

// A new secret in a file that only this user can read, and what others are to trust.
Result<int> new_key(const std::vector<std::string>& words, bool as_json) {
  if (words.size() != 1) return make_error(ErrorKind::usage, "`pkg cache key` takes one name: of the file to make");
  const fs::Path path = words.front();
  PKG_TRY_ASSIGN(const auto secret, index::new_secret_text());
  PKG_TRY_ASSIGN(const auto key, index::parse_entry_key(secret));
  PKG_TRY_ASSIGN(auto file, fs::create_file(path, 0600));
  PKG_TRY(fs::write_all(file.get(), cat(secret, "\n"), path));
  PKG_TRY(file.close(path));
  const auto trust = index::public_text(key);
  if (as_json) {
    auto value = result_json("cache key");
    value["path"] = path.string();
    value["trust"] = trust;
    out_json(value);
    return 0;
  }
  err("The secret is in ", quote(path.string()),
      ": set `remote-cache-key` to this file on machines that write. On those that read, set `remote-cache-trust` "
      "to\n");
  out(trust, "\n");
  return 0;
}

Result<int> info_of_remote(ops::Session& session, bool as_json) {
  PKG_TRY_ASSIGN(auto* index, session.index());
  auto* remote = index->remote_cache();
  const auto state = remote == nullptr ? std::string("none") : remote->name();
  std::string answers = "no";
  if (remote != nullptr) {
    const auto there = remote->has(std::string(64, '0'));
    answers = there ? "yes" : cat("no: ", remote->trouble());
  }
  if (as_json) {
    auto value = result_json("cache info");
    value["remote"] = remote == nullptr ? json::Json() : json::Json(state);
    value["answers"] = answers == "yes";
    if (answers != "yes" && remote != nullptr) value["why"] = remote->trouble();
    value["signs"] = remote != nullptr && remote->takes_entries();
    value["trusts"] = remote != nullptr && remote->gives_entries();
    out_json(value);
  } else {
    out("Remote cache: ", state, "\n");
    if (remote != nullptr)
      out("Answers: ", answers, "\nSigned entries are written: ", remote->takes_entries() ? "yes" : "no",
          "\nSigned entries are read: ", remote->gives_entries() ? "yes" : "no", "\n");
  }
  return remote == nullptr || answers == "yes" ? 0 : 1;
}

json::Json fleet_json(std::string_view verb, const ops::FleetReport& report) {
  auto value = result_json(verb);
  value["remote"] = report.remote;
  value["files"] = report.files;
  value["moved"] = report.moved;
  value["kept"] = report.kept;
  value["built"] = report.built;
  value["bytes"] = report.bytes;
  value["missing"] = report.missing;
  value["trouble"] = report.trouble;
  value["seconds"] = report.seconds;
  return value;
}

// 1 where something is left over.
Result<int> move_lock(bool is_pull, const ops::FleetOptions& options, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto report,
                 is_pull ? ops::pull_lock(options, context.session()) : ops::push_lock(options, context.session()));
  const int code = report.missing.empty() && report.trouble.empty() ? 0 : 1;
  if (context.global().json) {
    out_json(fleet_json(is_pull ? "cache pull" : "cache push", report));
    return code;
  }
  for (const auto& file : report.missing) err(is_pull ? "not in the remote cache: " : "not put: ", quote(file), "\n");
  if (!context.says(0)) return code;
  if (is_pull)
    err("Fetched ", counted(report.moved, "file"), " of ", report.files, " from ", quote(report.remote));
  else
    err("Put ", counted(report.moved, "object"), " (", megabytes(report.bytes), " MB", ") into ", quote(report.remote),
        ", ", report.kept, " were there");
  err(report.built == 0 ? "" : cat(", ", counted(report.built, "built wheel")), " (", time::elapsed(report.seconds),
      ")\n");
  return code;
}

// What follows `push` and `pull`: a lock, or nothing for the project's.
Status take_lock(const std::vector<std::string>& words, ops::FleetOptions& options) {
  if (words.size() > 1) return make_error(ErrorKind::usage, "one lock at a time");
  if (!words.empty()) options.file = words.front();
  options.frozen = true;
  return ok_status();
}

void add_remote_options(OptionParser& parser, IndexOptions& index) {
  parser.group("Remote cache");
  parser.setting("remote-cache", index.remote_cache);
  parser.setting("remote-cache-mode", index.remote_mode);
  parser.setting("remote-cache-key", index.remote_key);
  parser.setting("remote-cache-trust", index.remote_trust);
  parser.setting("remote-cache-endpoint", index.remote_endpoint);
  parser.setting("remote-cache-region", index.remote_region);
  parser.setting("remote-cache-path-style", index.remote_path_style);
  parser.setting("remote-cache-patience", index.remote_patience_s);
}

}  // namespace

Result<int> cache_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  SelectionFlags selection;
  ops::FleetOptions fleet;
  std::string action, unused_for;
  std::vector<std::string> words;
  bool remove_damaged = false, force = false, remote = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, selection);
  OptionParser parser(invocation, "Look at, clean or verify the cache; fill a remote one from a lock, or from it.",
                      "pkg cache prune --unused-for '30 days'");
  parser.positional("dir|info|list|clean|purge|prune|verify|push|pull|key", action, "What to do", true);
  parser.positionals("NAME", words,
                     "Which projects `clean` removes (default: all), which lock `push` and `pull` take, or which file "
                     "`key` makes");
  parser.text("--unused-for", unused_for, "Let `prune` remove what was not used for so long, too", "DURATION");
  parser.flag("--remove", remove_damaged, "Let `verify` remove what is damaged");
  parser.flag("--force", force, "Let `clean` remove wheels that environments link to, too");
  parser.flag("--remote", remote, "Let `info` ask the remote cache whether it answers, and say which it is");
  parser.flag("--all", fleet.all_files,
              "Let `push` and `pull` take every file of the lock, not only those for this Python");
  parser.text("-p,--python", fleet.python, "Let `push` and `pull` take files for this Python", "PATH|VERSION");
  add_remote_options(parser, index);
  add_selection_options(parser, selection);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (action == "key") return new_key(words, global.json);
  index.is_about_cache = true;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  const fs::Path root = context.session().cache_dir();
  if (action == "dir") return dir(root, global.json);
  if (action == "info" && remote) return info_of_remote(context.session(), global.json);
  if (action == "push" || action == "pull") {
    PKG_TRY(take_lock(words, fleet));
    PKG_TRY_ASSIGN(fleet.lock.resolve, make_resolve_options(resolver, context.session()));
    fleet.selection = selection_of(selection);
    return move_lock(action == "pull", fleet, context);
  }
  if (action == "info") return info(root, global.json);
  if (action == "list") return list(root, global.json);
  if (action == "verify") return verify(root, remove_damaged, global.json);
  if (action == "clean" || action == "remove" || action == "purge" || action == "prune")
    warn_of_no_locks(root, context.session().reporter());
  if (action == "clean" || action == "remove" || action == "purge") {
    std::vector<pep::Name> names;
    for (const auto& word : words) {
      PKG_TRY_ASSIGN(auto name, pep::Name::parse(word));
      names.push_back(std::move(name));
    }
    PKG_TRY_ASSIGN(const auto removal,
                   index::cache_clean(root, names, kLockWaitSeconds,
                                      force ? index::LinkedWheels::remove : index::LinkedWheels::keep));
    return removed("cache clean", removal, global.json);
  }
  if (action == "prune") {
    index::PruneOptions options{context.session().now(), std::nullopt};
    if (!unused_for.empty()) {
      options.unused_for_s = time::parse_duration(unused_for);
      if (!options.unused_for_s)
        return make_error(ErrorKind::usage, cat("--unused-for ", quote(unused_for), " is no duration"),
                          "as in `30 days` or `P30D`");
    }
    PKG_TRY_ASSIGN(const auto removal, index::cache_prune(root, options, kLockWaitSeconds));
    return removed("cache prune", removal, global.json);
  }
  return make_error(ErrorKind::usage, cat("`pkg cache` has no action ", quote(action)),
                    "dir, info, list, clean, prune, verify, push, pull or key");
}

}  // namespace pkg::cli
