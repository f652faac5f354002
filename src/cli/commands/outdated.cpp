#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/graph_options.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/held_back.h"

namespace pkg::cli {
namespace {

std::string_view kind_name(ops::Hold::Kind kind) {
  using Kind = ops::Hold::Kind;
  switch (kind) {
    case Kind::requirement:
      return "requirement";
    case Kind::constraint:
      return "constraint";
    case Kind::override_:
      return "override";
    case Kind::requires_python:
      return "requires-python";
    case Kind::platform:
      return "platform";
    case Kind::exclude_newer:
      return "exclude-newer";
    case Kind::prerelease:
      return "prerelease";
    case Kind::yanked:
      return "yanked";
    case Kind::no_file:
      return "no-file";
  }
  return {};
}

bool is_policy(const ops::Hold& hold) {
  using Kind = ops::Hold::Kind;
  return hold.kind != Kind::requirement && hold.kind != Kind::constraint && hold.kind != Kind::override_;
}

std::string holds_text(const ops::HeldBackDist& dist, bool is_lock) {
  std::vector<std::string> texts;
  if (dist.is_outdated() && std::ranges::all_of(dist.holds, is_policy))
    texts.push_back(cat("nothing: pkg ", is_lock ? "lock -P " : "install -U ", dist.name.str()));
  for (const auto& hold : dist.holds) texts.push_back(hold.to_string());
  return join(texts, "; ");
}

Text outdated_text(const ops::HeldBackReport& report) {
  if (report.dists.empty()) return {};
  std::vector<std::vector<std::string>> rows{
      {"Package", report.is_lock ? "Locked" : "Installed", "Latest", "Held back by"}};
  for (const auto& dist : report.dists)
    rows.push_back({dist.name.str(), dist.version, dist.latest, holds_text(dist, report.is_lock)});
  return table(rows);
}

json::Json outdated_json(const ops::HeldBackReport& report) {
  auto value = result_json("outdated");
  value["source"] = source_json(report.is_lock, report.path);
  value["checked"] = report.checked;
  value["packages"] = json::Json::array();
  for (const auto& dist : report.dists) {
    json::Json item{{"name", dist.name.str()},
                    {"version", dist.version},
                    {"latest", dist.latest},
                    {"outdated", dist.is_outdated()},
                    {"direct", dist.is_direct}};
    if (!dist.newest.empty()) item["newest"] = dist.newest;
    if (!dist.type.empty()) item["latest_filetype"] = dist.type;
    item["held_back_by"] = json::Json::array();
    for (const auto& hold : dist.holds) {
      json::Json reason{{"kind", std::string(kind_name(hold.kind))}, {"version", hold.version}};
      if (!hold.who.empty()) reason["package"] = hold.who;
      if (!hold.text.empty()) reason["detail"] = hold.text;
      if (!hold.origin.file.empty()) reason["origin"] = hold.origin.to_string();
      reason["message"] = hold.to_string();
      item["held_back_by"].push_back(std::move(reason));
    }
    value["packages"].push_back(std::move(item));
  }
  return value;
}

}  // namespace

Result<int> outdated_command(const Invocation& invocation) {
  ResolverFlags resolver;
  ops::HeldBackOptions options;
  bool exit_code = false;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(invocation, "Show what has a newer release, and what holds it back.",
                                                 "pkg outdated --direct --exit-code"));
  auto& parser = setup.parser();
  apply_config(setup.config(), resolver);
  parser.flag("--direct", options.direct_only, "Show only what the project itself, or the user, asked for");
  parser.flag("--exit-code", exit_code, "Exit with 1 when something is outdated");
  parser.setting("pre", resolver.pre, "Count pre-releases as newer, too");
  parser.setting("exclude-newer", resolver.exclude_newer);
  add_graph_options(parser, options.graph);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto resolve, make_resolve_options(resolver, context->session()));
  options.policy = resolve.policy;
  PKG_TRY_ASSIGN(const auto report, ops::held_back(options, context->session()));
  warn_unreadable(report.unreadable, context->session().reporter());
  if (context->global().json)
    out_json(outdated_json(report));
  else
    out(outdated_text(report));
  const auto count = std::ranges::count_if(report.dists, &ops::HeldBackDist::is_outdated);
  if (context->says(0) && !context->global().json)
    err(count, " of ", counted(report.checked, "package"), " outdated\n");
  return exit_code && count > 0 ? 1 : 0;
}

}  // namespace pkg::cli
