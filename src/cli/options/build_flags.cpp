#include "cli/options/build_flags.h"

#include <cstdlib>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "ops/inputs/hash_mode.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"
#include "pep/requirements_txt.h"

namespace pkg::cli {
namespace {

std::optional<std::string> variable_of_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// "KEY=VALUE"; a key given again gets a list.
Status add_setting(std::string_view text, builder::ConfigSettings& settings) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return make_error(ErrorKind::usage, cat("a config setting is KEY=VALUE, not ", quote(text)));
  settings[std::string(text.substr(0, equals))].emplace_back(text.substr(equals + 1));
  return ok_status();
}

Status add_package_setting(std::string_view text, ops::BuildOptions& options) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return make_error(ErrorKind::usage, cat("a config setting of one package is NAME:KEY=VALUE, not ", quote(text)));
  PKG_TRY_ASSIGN(const auto name, pep::Name::parse(text.substr(0, colon)));
  auto& own = options.config_settings_of.try_emplace(name, options.config_settings).first->second;
  const auto setting = text.substr(colon + 1);
  own.erase(std::string(setting.substr(0, setting.find('='))));
  return add_setting(setting, own);
}

// "NAME:REQUIREMENT", of --extra-build-dependency.
Status add_extra_requirement(std::string_view text, ops::BuildOptions& options) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return make_error(ErrorKind::usage, cat("an extra build dependency is NAME:REQUIREMENT, not ", quote(text)));
  PKG_TRY_ASSIGN(const auto name, pep::Name::parse(text.substr(0, colon)));
  PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(text.substr(colon + 1)));
  requirement.origin = Origin::command_line();
  options.extra_requirements[name].push_back(std::move(requirement));
  return ok_status();
}

// "NAME=VALUE", or "NAME" for the value that it has here.
Status add_variable(std::string_view text, builder::Variables& variables) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  if (name.empty())
    return make_error(ErrorKind::usage, cat("a build variable is NAME=VALUE, or NAME, not ", quote(text)));
  if (equals != std::string_view::npos)
    variables.emplace_back(name, text.substr(equals + 1));
  else if (auto value = variable_of_environment(name))
    variables.emplace_back(name, *std::move(value));
  return ok_status();
}

Status add_constraints(const std::string& file, const ops::Session& session, ops::BuildOptions& options) {
  const auto read = [&](const std::string& name) {
    const auto path = session.working_folder() / name;
    return name == file ? fs::read_named_at_most(path, limits::kText) : fs::read_file_at_most(path, limits::kText);
  };
  PKG_TRY_ASSIGN(const auto loaded,
                 pep::load_requirements(file, pep::RequirementsRole::constraints, read, variable_of_environment));
  ops::Inputs bound;
  bound.hashes = std::move(options.policy.hashes);
  for (const auto& line : loaded.constraints) {
    auto parsed = pep::Requirement::parse(line.value);
    if (!parsed) return Error(parsed.error()).with(cat("in ", line.origin.to_string()));
    parsed->origin = line.origin;
    PKG_TRY(ops::check_constraint(*parsed));
    PKG_TRY_ASSIGN(const auto hashes, ops::hashes_of(line));
    PKG_TRY(ops::add_hashes(*parsed, hashes, bound));
    options.constraints.push_back(std::move(parsed).value());
  }
  if (session.settings().verify_hashes) options.policy.hashes = std::move(bound.hashes);
  return ok_status();
}

template <class Names>
Status add_names(const std::vector<std::string>& texts, Names& names) {
  for (const auto& text : texts) {
    for (const auto piece : split(text, ',')) {
      PKG_TRY_ASSIGN(auto name, pep::Name::parse(trim(piece)));
      names.insert(std::move(name));
    }
  }
  return ok_status();
}

}  // namespace

void add_build_options(OptionParser& parser, BuildFlags& flags) {
  parser.group("Builds");
  parser.setting("no-build", flags.no_build);
  parser.setting("no-build-package", flags.no_build_packages);
  parser.setting("config-settings", flags.config_settings);
  parser.setting("config-settings-package", flags.config_settings_package);
  parser.setting("build-constraint", flags.build_constraints);
  parser.setting("extra-build-dependency", flags.extra_requirements);
  parser.setting("build-variable", flags.variables);
  parser.setting("no-build-variables", flags.no_variables);
  parser.setting("no-build-isolation", flags.no_isolation);
  parser.setting("no-build-isolation-package", flags.no_isolation_packages);
  parser.setting("check-build-dependencies", flags.check_requirements);
  parser.setting("sandbox-build", flags.sandbox);
  parser.setting("build-timeout", flags.timeout_s);
  parser.setting("build-jobs", flags.jobs);
  parser.setting("src", flags.source_folder);
  parser.setting("no-url-dependencies", flags.no_url_dependencies);
}

void apply_config(const Config& config, BuildFlags& flags) {
  flags.trusts_project = config.project().is_trusted;
  flags.dependency_metadata = config.dependency_metadata();
  take(config, "no-build", flags.no_build);
  take(config, "no-build-package", flags.no_build_packages);
  take(config, "config-settings", flags.config_settings);
  take(config, "config-settings-package", flags.config_settings_package);
  take(config, "extra-build-dependency", flags.extra_requirements);
  take(config, "build-constraint", flags.build_constraints);
  take(config, "build-variable", flags.variables);
  take(config, "no-build-variables", flags.no_variables);
  take(config, "no-build-isolation", flags.no_isolation);
  // pip turns isolation off with PIP_NO_BUILD_ISOLATION=0, too: its parser stores the negation.
  if (const auto* setting = config.find("no-build-isolation");
      setting != nullptr && setting->source.starts_with("PIP_"))
    flags.no_isolation = true;
  take(config, "no-build-isolation-package", flags.no_isolation_packages);
  take(config, "check-build-dependencies", flags.check_requirements);
  take(config, "sandbox-build", flags.sandbox);
  take(config, "src", flags.source_folder);
  take(config, "no-url-dependencies", flags.no_url_dependencies);
  if (const auto text = config.text("build-jobs")) {
    if (const auto number = parse_u64(*text)) flags.jobs = static_cast<int>(*number);
  }
  if (const auto text = config.text("build-timeout")) {
    if (const double seconds = std::strtod(text->c_str(), nullptr); seconds > 0) flags.timeout_s = seconds;
  }
}

Status set_build_options(const BuildFlags& flags, const ops::ResolveOptions& resolve, ops::Session& session) {
  ops::BuildOptions options;
  options.policy.format = resolve.policy.format;
  options.policy.exclude_newer = resolve.policy.exclude_newer;
  options.no_build = flags.no_build;
  options.no_isolation = flags.no_isolation;
  options.check_requirements = flags.check_requirements;
  options.no_url_dependencies = flags.no_url_dependencies;
  options.checkouts = flags.source_folder;
  options.sandbox = flags.sandbox;
  options.timeout_s = flags.timeout_s;
  options.jobs = flags.jobs;
  for (const auto& text : flags.config_settings) PKG_TRY(add_setting(text, options.config_settings));
  for (const auto& text : flags.config_settings_package) PKG_TRY(add_package_setting(text, options));
  for (const auto& text : flags.extra_requirements) PKG_TRY(add_extra_requirement(text, options));
  for (const auto& text : flags.variables) PKG_TRY(add_variable(text, options.variables));
  options.familiar_variables_only = flags.no_variables;
  options.trusts_project_variables = flags.trusts_project;
  options.dependency_metadata = flags.dependency_metadata;
  for (const auto& file : flags.build_constraints) PKG_TRY(add_constraints(file, session, options));
  PKG_TRY(add_names(flags.no_isolation_packages, options.no_isolation_of));
  PKG_TRY(add_names(flags.no_build_packages, options.no_build_of));
  session.set_build_options(std::move(options));
  return ok_status();
}

}  // namespace pkg::cli
