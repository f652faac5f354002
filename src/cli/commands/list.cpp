#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/inspect.h"
#include "ops/inspect/outdated.h"

namespace pkg::cli {
namespace {

struct Row {
  ops::ListedDist dist;
  std::optional<ops::LatestRelease> latest;  // --outdated
};

struct ListFlags {
  std::string format = "columns";
  bool outdated = false, up_to_date = false, pre = false, local = false, prefer_binary = false;
  bool include_editable = false;
  std::vector<std::string> only_binary, no_binary;
};

json::Json rows_json(const std::vector<Row>& rows, bool verbose) {
  auto list = json::Json::array();
  for (const auto& [dist, latest] : rows) {
    json::Json item{{"name", dist.name}, {"version", dist.version}};
    if (verbose) {
      item["location"] = dist.location;
      item["installer"] = dist.installer;
    }
    if (latest) {
      item["latest_version"] = latest->latest;
      item["latest_filetype"] = latest->type;
    }
    if (!dist.editable_location.empty()) item["editable_project_location"] = dist.editable_location;
    list.push_back(std::move(item));
  }
  return list;
}

// pip's columns, in pip's order.
Text columns(const std::vector<Row>& rows, bool outdated, bool verbose) {
  if (rows.empty()) return {};
  const bool editables = std::ranges::any_of(rows, [](const Row& row) { return !row.dist.editable_location.empty(); });
  std::vector<std::vector<std::string>> cells{{"Package", "Version"}};
  if (outdated) cells[0].insert(cells[0].end(), {"Latest", "Type"});
  if (editables) cells[0].emplace_back("Editable project location");
  if (verbose) cells[0].insert(cells[0].end(), {"Location", "Installer"});
  for (const auto& [dist, latest] : rows) {
    std::vector<std::string> line{dist.name, dist.version};
    if (outdated) line.insert(line.end(), {latest ? latest->latest : "", latest ? latest->type : ""});
    if (editables) line.push_back(dist.editable_location);
    if (verbose) line.insert(line.end(), {dist.location, dist.installer});
    cells.push_back(std::move(line));
  }
  return table(cells);
}

Text frozen(const std::vector<Row>& rows, bool verbose) {
  Text text;
  for (const auto& [dist, latest] : rows) {
    append(text, dist.name, "==", dist.version);
    if (verbose) append(text, " (", dist.location, ")");
    append(text, '\n');
  }
  return text;
}

Status check_flags(const ListFlags& flags, const ops::ListOptions& options) {
  if (flags.outdated && flags.up_to_date)
    return make_error(ErrorKind::usage, "--outdated and --uptodate exclude each other");
  if (flags.outdated && flags.format == "freeze")
    return make_error(ErrorKind::usage, "--format freeze and --outdated exclude each other");
  if (!options.paths.empty() && (options.environment.user || flags.local)) {
    return make_error(ErrorKind::usage, "--path and --user or --local exclude each other");
  }
  return ok_status();
}

// The rows that are asked for; with --outdated and --uptodate the index is asked about each.
Result<std::vector<Row>> rows_of(const ops::ListOptions& options, const ListFlags& flags, bool verbose,
                                 CommandContext& context) {
  PKG_TRY_ASSIGN(auto listing, ops::list(options, verbose, context.session()));
  std::vector<Row> rows;
  if (!flags.outdated && !flags.up_to_date) {
    for (auto& dist : listing.dists) rows.push_back({std::move(dist), std::nullopt});
    return rows;
  }
  ops::LatestOptions latest_options{options.environment, flags.pre, {}};
  for (const auto& value : flags.only_binary) PKG_TRY(ops::add_format_control(value, true, latest_options.format));
  for (const auto& value : flags.no_binary) PKG_TRY(ops::add_format_control(value, false, latest_options.format));
  PKG_TRY_ASSIGN(const auto latest, ops::latest_releases(listing, latest_options, context.session()));
  const auto wanted = flags.outdated ? ops::Standing::outdated : ops::Standing::up_to_date;
  for (std::size_t i = 0; i < latest.size(); ++i) {
    if (latest[i] && latest[i]->standing == wanted)
      rows.push_back({listing.dists[i], flags.outdated ? latest[i] : std::nullopt});
  }
  return rows;
}

}  // namespace

Result<int> list_command(const Invocation& invocation) {
  ops::ListOptions options;
  ListFlags flags;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(invocation, "List what is installed in an environment.",
                                                 "pkg list --format json"));
  auto& parser = setup.parser();
  if (const auto text = setup.config().text("format")) flags.format = *text;
  flags.pre = setup.config().flag("pre");
  parser.choice("--format", flags.format, {"columns", "freeze", "json"}, "Print the list in this form");
  parser.flag("-o,--outdated", flags.outdated, "List only what has a newer release");
  parser.flag("-u,--uptodate", flags.up_to_date, "List only what is at its newest release");
  parser.setting("pre", flags.pre, "Count pre-releases as newer");
  parser.setting("only-binary", flags.only_binary, "Count only wheels of these as releases");
  parser.setting("no-binary", flags.no_binary, "Count no wheels of these as releases");
  parser.setting("prefer-binary", flags.prefer_binary,
                 "Accepted for pip's sake: the newest version counts, whatever its files are");
  parser.flag("-e,--editable", options.editable_only, "List only what is installed in place");
  parser.flag("--exclude-editable", options.exclude_editable, "Leave out what is installed in place");
  parser.flag("--include-editable", flags.include_editable,
              "Accepted for pip's sake: what is installed in place is listed anyway");
  parser.flag("--not-required", options.not_required, "List only what nothing else requires");
  parser.flag("-l,--local", flags.local, "Accepted for pip's sake: only this environment is listed anyway");
  parser.list("--exclude", options.exclude, "Leave out this package", "NAME");
  parser.list("--path", options.paths, "List this folder of packages instead", "DIR");
  add_environment_options(parser, options.environment, false);
  parser.setting("user", options.environment.user, "List what is installed for this user");
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  PKG_TRY(check_flags(flags, options));
  const bool verbose = context->says(1);
  PKG_TRY_ASSIGN(const auto rows, rows_of(options, flags, verbose || context->global().json, *context));
  if (context->global().json) {
    auto value = result_json("list");
    value["packages"] = rows_json(rows, true);
    out_json(value);
  } else if (flags.format == "json") {
    out_json(rows_json(rows, verbose), -1);
  } else if (flags.format == "freeze") {
    out(frozen(rows, verbose));
  } else {
    out(columns(rows, flags.outdated, verbose));
  }
  return 0;
}

}  // namespace pkg::cli
