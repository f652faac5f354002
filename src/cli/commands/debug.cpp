#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/environment/target.h"

namespace pkg::cli {
namespace {

constexpr std::size_t kFewTags = 10;  // as many as pip shows without --verbose

// Variables that change where pkg looks and what it trusts; their values may hold secrets and are redacted.
constexpr std::string_view kVariables[] = {"VIRTUAL_ENV",    "CONDA_PREFIX",       "SSL_CERT_FILE", "SSL_CERT_DIR",
                                           "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "http_proxy",    "https_proxy",
                                           "all_proxy",      "no_proxy",           "NETRC"};

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines about_interpreter(const venv::Interpreter& interpreter) {
  const auto& markers = interpreter.target.environment;
  return {{"python", interpreter.executable.string()},
          {"implementation", markers.implementation_name},
          {"python_version", markers.python_full_version},
          {"sys_platform", markers.sys_platform},
          {"machine", markers.platform_machine}};
}

Lines about_session(CommandContext& context) {
  const auto& settings = context.session().settings();
  Lines lines{{"cache", context.session().cache_dir().string()}};
  for (const auto& index : settings.indexes) {
    lines.emplace_back("index", cat(index.name, index.name.empty() ? "" : " ", index.url.shown()));
  }
  for (const auto& links : settings.find_links) lines.emplace_back("find_links", links.shown());
  for (const auto name : kVariables) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value != nullptr) lines.emplace_back(std::string(name), url::redact(value));
  }
  return lines;
}

Text lines_text(const Lines& lines) {
  Text text;
  for (const auto& [key, value] : lines) append(text, key, ": ", value, "\n");
  return text;
}

Text config_text(const Config& config) {
  Text text("config files:\n");
  for (const auto& file : config.files())
    append(text, "  ", file.kind, ": ", file.path.string(), file.exists ? "" : " (absent)", "\n");
  return text;
}

Text tags_text(const std::vector<std::string>& tags, bool all) {
  const auto shown = all ? tags.size() : std::min(tags.size(), kFewTags);
  Text text("compatible tags: ", tags.size(), "\n");
  for (std::size_t i = 0; i < shown; ++i) append(text, "  ", tags[i], "\n");
  if (shown < tags.size()) append(text, "  … all of them with --verbose\n");
  return text;
}

json::Json debug_json(const Lines& interpreter, const Lines& session, const Config& config,
                      const std::vector<std::string>& tags) {
  auto value = result_json("debug");
  value["version"] = PKG_VERSION;
  for (const auto& [key, text] : interpreter) value[key] = text;
  value["settings"] = json::Json::array();
  for (const auto& [key, text] : session) value["settings"].push_back({{"name", key}, {"value", text}});
  value["config_files"] = json::Json::array();
  for (const auto& file : config.files())
    value["config_files"].push_back({{"kind", file.kind}, {"path", file.path.string()}, {"exists", file.exists}});
  value["tags"] = tags;
  return value;
}

}  // namespace

Result<int> debug_command(const Invocation& invocation) {
  std::string python, python_version, platform;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation, "Show what pkg knows of the interpreter, its tags and the settings.",
                                     "pkg debug -v"));
  auto& parser = setup.parser();
  parser.group("Environment");
  parser.text("-p,--python", python, "Work with this environment or interpreter, or one of this version",
              "PATH|VERSION");
  parser.text("--python-version", python_version, "Show what would be if the interpreter had this version", "VERSION");
  parser.text("--python-platform", platform, "Show what would be if the interpreter ran on this platform", "PLATFORM");
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto interpreter, ops::interpreter_for(python, context->session()));
  PKG_TRY_ASSIGN(const auto target, ops::target_for(python, python_version, context->session(), platform));
  std::vector<std::string> tags;
  if (target.tags) {
    for (const auto& tag : target.tags->ordered()) tags.push_back(tag.to_string());
  }
  const auto about = about_interpreter(interpreter), settings = about_session(*context);
  if (context->global().json) {
    out_json(debug_json(about, settings, setup.config(), tags));
    return 0;
  }
  out("pkg version: ", PKG_VERSION, "\n", lines_text(about), lines_text(settings), config_text(setup.config()),
      tags_text(tags, context->says(1)));
  return 0;
}

}  // namespace pkg::cli
