#include <CLI/Version.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/library_versions.h"
#include "base/text.h"
#include "cli/build_facts.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "index/http/curl_version.h"
#include "ops/self/self_update.h"

#ifndef PKG_SELF_UPDATE_URL
#define PKG_SELF_UPDATE_URL ""
#endif
#ifndef PKG_SELF_UPDATE_KEY
#define PKG_SELF_UPDATE_KEY ""
#endif

namespace pkg::cli {
namespace {

#if defined(__x86_64__)
#define PKG_MACHINE "x86_64"
#elif defined(__aarch64__)
#define PKG_MACHINE "aarch64"
#elif defined(__i386__)
#define PKG_MACHINE "i686"
#elif defined(__arm__)
#define PKG_MACHINE "armv7"
#elif defined(__riscv)
#define PKG_MACHINE "riscv64"
#elif defined(__powerpc64__)
#define PKG_MACHINE "ppc64le"
#elif defined(__s390x__)
#define PKG_MACHINE "s390x"
#else
#define PKG_MACHINE "unknown"
#endif
#if defined(__GLIBC__)
constexpr std::string_view kTarget = PKG_MACHINE "-linux-gnu";
#else
constexpr std::string_view kTarget = PKG_MACHINE "-linux-musl";
#endif

std::string standard_library() {
#if defined(_GLIBCXX_RELEASE)
  return cat("libstdc++ ", _GLIBCXX_RELEASE);
#elif defined(_LIBCPP_VERSION)
  return cat("libc++ ", _LIBCPP_VERSION);
#else
  return "unknown";
#endif
}

std::vector<LibraryVersion> libraries() {
  auto list = library_versions();
  list.push_back(index::curl_version());
  list.push_back({LibraryVersion::Use::headers, "CLI11", CLI11_VERSION, CLI11_VERSION});
  std::ranges::sort(list, {}, &LibraryVersion::name);
  return list;
}

std::string_view word_for(LibraryVersion::Use use) {
  using Use = LibraryVersion::Use;
  return use == Use::opened ? "opened" : use == Use::linked ? "linked" : "headers";
}

Text library_text(const LibraryVersion& library) {
  Text text("  ", library.name, " ", library.running.empty() ? library.built_with : library.running);
  if (library.use != LibraryVersion::Use::opened) return text;
  if (library.running.empty()) return Text("  ", library.name, " is not on this machine");
  append(text, " (opened when it is needed; built with ", library.built_with, ")");
  return text;
}

std::string_view or_none(std::string_view text, std::string_view otherwise = "none") {
  return text.empty() ? otherwise : text;
}

int print_version(bool as_json) {
  using namespace build_facts;
  const auto list = libraries();
  if (as_json) {
    auto value = result_json("self version");
    value["version"] = PKG_VERSION;
    value["commit"] = kCommit.empty() ? json::Json(nullptr) : json::Json(kCommit);
    value["target"] = kTarget;
    value["build"] = {{"compiler", kCompiler},
                      {"standard_library", standard_library()},
                      {"link_time_optimisation", kHasLto},
                      {"sanitizers", kSanitizers},
                      {"default_index", kDefaultIndexOrigin},
                      {"has_update_address", !std::string_view(PKG_SELF_UPDATE_URL).empty()}};
    value["libraries"] = json::Json::array();
    for (const auto& library : list) {
      value["libraries"].push_back(
          {{"name", library.name},
           {"use", word_for(library.use)},
           {"built_with", library.built_with},
           {"running", library.running.empty() ? json::Json(nullptr) : json::Json(library.running)}});
    }
    out_json(value);
    return 0;
  }
  out("pkg " PKG_VERSION "\ncommit: ", or_none(kCommit, "unknown"), "\ntarget: ", kTarget, "\ncompiler: ", kCompiler,
      ", ", standard_library(), "\nlink-time optimisation: ", kHasLto ? "yes" : "no",
      "\nsanitizers: ", or_none(kSanitizers), "\ndefault index: ", or_none(kDefaultIndexOrigin), "\nlibraries:\n");
  for (const auto& library : list) out(library_text(library), "\n");
  return 0;
}

std::string_view word_for(ops::UpdateReport::Outcome outcome) {
  using Outcome = ops::UpdateReport::Outcome;
  return outcome == Outcome::updated ? "updated" : outcome == Outcome::available ? "available" : "up-to-date";
}

int print_update(const ops::UpdateReport& report, CommandContext& context) {
  using Outcome = ops::UpdateReport::Outcome;
  if (context.global().json) {
    auto value = result_json("self update");
    value["binary"] = report.binary.string();
    value["current"] = report.current;
    value["available"] = report.available;
    value["outcome"] = word_for(report.outcome);
    out_json(value);
    return 0;
  }
  if (!context.says(0)) return 0;
  if (report.outcome == Outcome::up_to_date) err("pkg ", report.current, " is the newest release\n");
  if (report.outcome == Outcome::available)
    err("pkg ", report.available, " is there, this is ", report.current, ": `pkg self update` takes it\n");
  if (report.outcome == Outcome::updated)
    err("~ pkg ", report.current, " -> ", report.available, " in ", quote(report.binary.string()), "\n");
  return 0;
}

}  // namespace

Result<int> self_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::UpdateOptions options;
  std::string action;
  bool check = false, dry_run = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  options.manifest_url = PKG_SELF_UPDATE_URL;
  options.public_key = PKG_SELF_UPDATE_KEY;
  take(config, "self-update-url", options.manifest_url);
  take(config, "self-update-key", options.public_key);
  OptionParser parser(invocation, "Say which pkg this is and how it was built, or replace it by a newer release.",
                      "pkg self update --check");
  parser.positional("version|update", action, "What to do", true);
  parser.flag("--check", check, "Let `update` say whether there is a newer release, and change nothing");
  parser.setting("dry-run", dry_run, "Let `update` say what would be done, and change nothing");
  parser.flag("--force", options.force, "Let `update` take the same release again, or an older one");
  parser.setting("self-update-url", options.manifest_url);
  parser.setting("self-update-key", options.public_key);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (action == "version") return print_version(global.json);
  if (action != "update")
    return make_error(ErrorKind::usage, cat("`pkg self` has no action ", quote(action)), "version or update");
  options.only_check = check || dry_run;
  options.current_version = PKG_VERSION;
  options.target = kTarget;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::update_self(options, context.session()));
  return print_update(report, context);
}

}  // namespace pkg::cli
