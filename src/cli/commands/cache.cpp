#include <nlohmann/json.hpp>

#include "base/events.h"
#include "base/fs_lock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "index/cache/cache.h"

namespace pkg::cli {
namespace {

constexpr double kLockWaitSeconds = 60;

std::string in_megabytes(std::uint64_t bytes) {
  const auto tenths = bytes * 10 / 1'000'000;
  return cat(tenths / 10, ".", tenths % 10, " MB");
}

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
      "\nWheels: ", info.wheels, "\nSize: ", in_megabytes(info.bytes), "\n");
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
    rows.push_back({wheel.name, wheel.version, in_megabytes(wheel.bytes), cat(wheel.files)});
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
    err("Removed ", counted(removal.files, "file"), ", ", in_megabytes(removal.bytes), "\n");
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

Result<int> cache_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  std::string action, unused_for;
  std::vector<std::string> words;
  bool remove_damaged = false, force = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "Look at, clean or verify the cache.", "pkg cache prune --unused-for '30 days'");
  parser.positional("dir|info|list|clean|purge|prune|verify", action, "What to do", true);
  parser.positionals("NAME", words, "Which projects `clean` removes (default: all)");
  parser.text("--unused-for", unused_for, "Let `prune` remove what was not used for so long, too", "DURATION");
  parser.flag("--remove", remove_damaged, "Let `verify` remove what is damaged");
  parser.flag("--force", force, "Let `clean` remove wheels that environments link to, too");
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  index.is_about_cache = true;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  const fs::Path root = context.session().cache_dir();
  if (action == "dir") return dir(root, global.json);
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
                    "dir, info, list, clean, prune or verify");
}

}  // namespace pkg::cli
