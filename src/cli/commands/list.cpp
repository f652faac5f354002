#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "ops/inspect.h"
#include "ops/outdated.h"

namespace pkg::cli {
namespace {

json::Json dists_json(const ops::Listing& listing, bool verbose) {
  auto list = json::Json::array();
  for (const auto& dist : listing.dists) {
    json::Json item{{"name", dist.name}, {"version", dist.version}};
    if (verbose) {
      item["location"] = dist.location;
      item["installer"] = dist.installer;
    }
    if (!dist.editable_location.empty()) item["editable_project_location"] = dist.editable_location;
    list.push_back(std::move(item));
  }
  return list;
}

std::string columns(const ops::Listing& listing, bool verbose) {
  if (listing.dists.empty()) return {};
  const bool editables = std::ranges::any_of(listing.dists, [](const auto& d) { return !d.editable_location.empty(); });
  std::vector<std::vector<std::string>> rows{{"Package", "Version"}};
  if (editables) rows[0].emplace_back("Editable project location");
  if (verbose) rows[0].insert(rows[0].end(), {"Location", "Installer"});
  for (const auto& dist : listing.dists) {
    std::vector<std::string> row{printable(dist.name), printable(dist.version)};
    if (editables) row.push_back(printable(dist.editable_location));
    if (verbose) row.insert(row.end(), {printable(dist.location), printable(dist.installer)});
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string outdated_columns(const std::vector<ops::OutdatedDist>& dists) {
  if (dists.empty()) return {};
  std::vector<std::vector<std::string>> rows{{"Package", "Version", "Latest", "Type"}};
  for (const auto& dist : dists) rows.push_back({printable(dist.name), printable(dist.version), dist.latest, dist.type});
  return table(rows);
}

}  // namespace

Result<int> list_command(const Invocation& invocation) {
  ops::ListOptions options;
  std::string format = "columns";
  bool outdated = false, up_to_date = false, pre = false, local = false;
  PKG_TRY_ASSIGN(auto opening, Opening::begin(invocation, "List what is installed in an environment.", "pkg list --format json"));
  auto& parser = opening.parser();
  if (const auto text = opening.config().text("format")) format = *text;
  parser.choice("--format", format, {"columns", "freeze", "json"}, "How to print it");
  parser.flag("-o,--outdated", outdated, "Only what has a newer release");
  parser.flag("-u,--uptodate", up_to_date, "Only what has none");
  parser.flag("--pre", pre, "Count pre-releases as newer");
  parser.flag("-e,--editable", options.editable_only, "Only editable ones");
  parser.flag("--exclude-editable", options.exclude_editable, "No editable ones");
  parser.flag("--not-required", options.not_required, "Only what nothing else needs");
  parser.flag("-l,--local", local, "Accepted; only this environment is listed anyway");
  parser.list("--exclude", options.exclude, "Leave this one out", "NAME");
  add_environment_options(parser, options.environment, false);
  PKG_TRY_ASSIGN(auto front, opening.finish(Asks::index));
  if (!front) return 0;
  const bool verbose = front->says(1);
  PKG_TRY_ASSIGN(auto listing, ops::list(options, verbose, front->session()));
  if (outdated || up_to_date) {
    PKG_TRY_ASSIGN(const auto dists, ops::outdated(listing, options.environment, pre, front->session()));
    if (outdated) {
      if (format == "json" || front->global().json) {
        auto list = json::Json::array();
        for (const auto& d : dists)
          list.push_back({{"name", d.name}, {"version", d.version}, {"latest_version", d.latest}, {"latest_filetype", d.type}});
        out(json::dump(list) + "\n");
      } else {
        out(outdated_columns(dists));
      }
      return 0;
    }
    std::erase_if(listing.dists,
                  [&](const auto& dist) { return std::ranges::any_of(dists, [&](const auto& d) { return d.name == dist.name; }); });
  }
  if (front->global().json) {
    auto value = result_json("list");
    value["packages"] = dists_json(listing, true);
    out(json::dump(value, 2) + "\n");
  } else if (format == "json") {
    out(json::dump(dists_json(listing, verbose)) + "\n");
  } else if (format == "freeze") {
    for (const auto& dist : listing.dists) out(cat(printable(dist.name), "==", printable(dist.version), "\n"));
  } else {
    out(columns(listing, verbose));
  }
  return 0;
}

}  // namespace pkg::cli
