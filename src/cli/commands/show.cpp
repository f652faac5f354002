#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/inspect.h"

namespace pkg::cli {
namespace {

std::string field(const pep::RawMetadata& metadata, std::string_view key) {
  const auto* value = metadata.get(key);
  return value == nullptr ? std::string() : *value;
}

// Home-Page, else the project URL that is called so ("Home-page", "homepage" …).
std::string home_page(const pep::RawMetadata& metadata) {
  if (auto page = field(metadata, "home-page"); !page.empty()) return page;
  for (const auto entry : metadata.get_all("project-url")) {
    const auto comma = entry.find(',');
    if (comma == std::string_view::npos) continue;
    std::string label;
    for (const char c : entry.substr(0, comma)) {
      if (is_ascii_alnum(c)) label += to_ascii_lower(c);
    }
    if (label == "homepage") return std::string(trim(entry.substr(comma + 1)));
  }
  return {};
}

// pip's lines, in pip's order.
Text shown_text(const ops::ShownDist& dist, bool files, bool verbose) {
  const auto& metadata = dist.metadata;
  const auto license_expression = field(metadata, "license-expression");
  Text text("Name: ", dist.name, "\nVersion: ", dist.version, "\nSummary: ", field(metadata, "summary"),
            "\nHome-page: ", home_page(metadata), "\nAuthor: ", field(metadata, "author"),
            "\nAuthor-email: ", field(metadata, "author-email"), "\n");
  append(text,
         license_expression.empty() ? cat("License: ", field(metadata, "license"))
                                    : cat("License-Expression: ", license_expression),
         "\nLocation: ", dist.location, "\n");
  if (!dist.editable_location.empty()) append(text, "Editable project location: ", dist.editable_location, "\n");
  append(text, "Requires: ", join(dist.requires_, ", "), "\nRequired-by: ", join(dist.required_by, ", "), "\n");
  if (verbose) {
    append(text, "Metadata-Version: ", field(metadata, "metadata-version"), "\nInstaller: ", dist.installer,
           "\nClassifiers:\n");
    for (const auto classifier : metadata.get_all("classifier")) append(text, "  ", classifier, "\n");
    append(text, "Entry-points:\n");
    for (const auto& line : dist.entry_points) append(text, "  ", line, "\n");
    append(text, "Project-URLs:\n");
    for (const auto url : metadata.get_all("project-url")) append(text, "  ", url, "\n");
  }
  if (files) {
    append(text, "Files:\n");
    if (!dist.has_record) append(text, "Cannot locate RECORD or installed-files.txt\n");
    for (const auto& file : dist.files) append(text, "  ", file, "\n");
  }
  return text;
}

}  // namespace

Result<int> show_command(const Invocation& invocation) {
  ops::EnvironmentOptions environment;
  std::vector<std::string> names;
  bool files = false;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation, "Show installed distributions.", "pkg show --files numpy"));
  auto& parser = setup.parser();
  parser.positionals("NAME", names, "What to show");
  parser.flag("-f,--files", files, "List the files of each distribution, too");
  add_environment_options(parser, environment, false);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  if (names.empty()) return make_error(ErrorKind::usage, "nothing to show was named", "pkg show NAME");
  const bool verbose = context->says(1);
  PKG_TRY_ASSIGN(const auto report, ops::show(names, environment, files || verbose, context->session()));
  if (!report.not_found.empty())
    context->session().reporter().warning(cat("not installed: ", join(report.not_found, ", ")));
  if (context->global().json) {
    auto value = result_json("show");
    value["packages"] = json::Json::array();
    for (const auto& dist : report.dists) {
      value["packages"].push_back({{"name", dist.name},
                                   {"version", dist.version},
                                   {"location", dist.location},
                                   {"installer", dist.installer},
                                   {"requires", dist.requires_},
                                   {"required_by", dist.required_by},
                                   {"files", dist.files},
                                   {"metadata", raw_metadata_json(dist.metadata)}});
    }
    out_json(value);
  } else {
    for (const auto& dist : report.dists) {
      if (&dist != &report.dists.front()) out("---\n");
      out(shown_text(dist, files, verbose));
    }
  }
  return report.dists.empty() ? 1 : 0;
}

}  // namespace pkg::cli
