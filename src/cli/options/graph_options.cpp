#include "cli/options/graph_options.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace pkg::cli {

void add_graph_options(OptionParser& parser, ops::GraphOptions& options) {
  add_environment_options(parser, options.environment, false);
  add_active_option(parser, options.environment);
  parser.flag("--installed", options.installed, "Look at what is installed, even where there is a lock");
}

json::Json source_json(bool is_lock, const std::filesystem::path& path) {
  return {{"kind", is_lock ? "lock" : "environment"}, {"path", path.string()}};
}

void warn_unreadable(const std::vector<pep::Name>& names, Reporter& reporter) {
  if (names.empty()) return;
  std::vector<std::string> texts;
  for (const auto& name : names) texts.push_back(name.str());
  if (texts.size() > 5) {
    const auto others = texts.size() - 5;
    texts.resize(5);
    texts.push_back(cat(others, " others"));
  }
  reporter.warning(cat("what these require could not be read: ", join(texts, ", ")));
}

}  // namespace pkg::cli
