// The option groups that commands share, and how settings and flags become what the layers below take.

#include <algorithm>
#include <filesystem>
#include <variant>

#include "base/accelerators.h"
#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "base/user_folders.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "index/http/auth.h"
#include "index/index_table.h"
#include "index/torch_backend.h"
#include "ops/session/trusted_projects.h"

#ifndef PKG_DEFAULT_INDEX_URL
#define PKG_DEFAULT_INDEX_URL ""
#endif
#ifndef PKG_DEFAULT_PYTHON_CATALOG
#define PKG_DEFAULT_PYTHON_CATALOG ""
#endif
#ifndef PKG_TORCH_INDEX_URL
#define PKG_TORCH_INDEX_URL ""
#endif

namespace pkg::cli {
namespace {

// A setting and the option it is the default of.
template <class Options>
struct Default {
  std::string_view key;
  std::variant<std::string Options::*, std::vector<std::string> Options::*, bool Options::*> option;
};

template <class Options, std::size_t N>
void take_all(const Config& config, const Default<Options> (&defaults)[N], Options& options) {
  for (const auto& one : defaults) {
    std::visit([&](auto member) { take(config, one.key, options.*member); }, one.option);
  }
}

constexpr Default<IndexOptions> kIndexDefaults[] = {
    {"index-url", &IndexOptions::index_url},
    {"extra-index-url", &IndexOptions::extra_index_urls},
    {"find-links", &IndexOptions::find_links},
    {"no-index", &IndexOptions::no_index},
    {"index-strategy", &IndexOptions::strategy},
    {"torch-backend", &IndexOptions::torch_backend},
    {"torch-index-url", &IndexOptions::torch_index_url},
    {"trusted-host", &IndexOptions::trusted_hosts},
    {"cert", &IndexOptions::cert},
    {"client-cert", &IndexOptions::client_cert},
    {"client-key", &IndexOptions::client_key},
    {"no-proxy-env", &IndexOptions::no_proxy_env},
    {"proxy", &IndexOptions::proxy},
    {"keyring-provider", &IndexOptions::keyring},
    {"cache-dir", &IndexOptions::cache_dir},
    {"remote-cache", &IndexOptions::remote_cache},
    {"remote-cache-mode", &IndexOptions::remote_mode},
    {"remote-cache-key", &IndexOptions::remote_key},
    {"remote-cache-trust", &IndexOptions::remote_trust},
    {"remote-cache-endpoint", &IndexOptions::remote_endpoint},
    {"remote-cache-region", &IndexOptions::remote_region},
    {"remote-cache-path-style", &IndexOptions::remote_path_style},
    {"offline", &IndexOptions::offline},
    {"refresh", &IndexOptions::refresh},
    {"refresh-package", &IndexOptions::refresh_packages},
    {"no-verify-hashes", &IndexOptions::no_verify_hashes},
    {"no-verify-record", &IndexOptions::no_verify_record},
    // pip: PIP_NO_CACHE_DIR=1 and =0 both were "off" once; today the word counts.
    {"no-cache", &IndexOptions::no_cache},
    {"python-downloads", &IndexOptions::python_downloads},
    {"no-python-downloads", &IndexOptions::no_python_downloads},
    {"python-catalog", &IndexOptions::python_catalog},
    {"python-mirror", &IndexOptions::python_mirror},
};
constexpr Default<ops::EnvironmentOptions> kEnvironmentDefaults[] = {
    {"break-system-packages", &ops::EnvironmentOptions::break_system_packages},
    {"require-virtualenv", &ops::EnvironmentOptions::require_virtualenv},
    {"user", &ops::EnvironmentOptions::user},
};
constexpr Default<ResolverFlags> kResolverDefaults[] = {
    {"pre", &ResolverFlags::pre},
    {"prerelease", &ResolverFlags::prerelease},
    {"all-releases", &ResolverFlags::all_releases},
    {"only-final", &ResolverFlags::only_final},
    {"resolution", &ResolverFlags::resolution},
    {"exclude-newer", &ResolverFlags::exclude_newer},
    {"only-binary", &ResolverFlags::only_binary},
    {"no-binary", &ResolverFlags::no_binary},
    {"prefer-binary", &ResolverFlags::prefer_binary},
    {"variant", &ResolverFlags::variants},
    {"no-deps", &ResolverFlags::no_deps},
    {"ignore-requires-python", &ResolverFlags::ignore_requires_python},
    {"upgrade", &ResolverFlags::upgrade},
    {"upgrade-package", &ResolverFlags::upgrade_packages},
    {"upgrade-strategy", &ResolverFlags::upgrade_strategy},
    {"resolver-rounds", &ResolverFlags::rounds},
};
constexpr Default<ops::InputOptions> kInputDefaults[] = {
    {"constraint", &ops::InputOptions::constraints_files},
    {"override", &ops::InputOptions::override_files},
    {"require-hashes", &ops::InputOptions::require_hashes},
    {"no-require-hashes", &ops::InputOptions::no_require_hashes},
};
constexpr Default<LinkFlags> kLinkDefaults[] = {
    {"link-mode", &LinkFlags::link_mode},   {"compile", &LinkFlags::compile},
    {"no-compile", &LinkFlags::no_compile}, {"file-conflicts", &LinkFlags::file_conflicts},
    {"fsync", &LinkFlags::fsync},
};

// The first of those that pip (through requests), curl and OpenSSL know.
std::string certificates_of_environment() {
  for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (const char* path = environment_variable(name)) return path;
  }
  const char* folders = environment_variable("SSL_CERT_DIR");
  for (const auto folder : split(folders == nullptr ? "" : folders, ':')) {
    if (!folder.empty() && fs::is_directory(fs::Path(folder))) return std::string(folder);
  }
  return {};
}

// Empty: the user has no home.
std::string default_cache_dir() {
  const auto folder = user_cache_folder(process_environment());
  return folder.empty() ? std::string() : (folder / "pkg").string();
}

}  // namespace

void add_global_options(OptionParser& parser, GlobalOptions& options) {
  parser.group("Everywhere");
  parser.setting("quiet", options.quiet);
  parser.setting("verbose", options.verbose);
  parser.flag("--json", options.json, "Print the result as JSON");
  parser.setting("color", options.color);
  parser.setting("no-color", options.no_color);
  parser.setting("no-progress", options.no_progress);
  parser.text("--progress", options.progress, "Write events as lines of JSON to stderr; KIND is `json`", "KIND");
  parser.setting("progress-bar", options.progress_bar);
  parser.text("--project", options.project, "Work as if started in this folder", "DIR");
  parser.setting("log", options.log);
  if (!options.has_own_isolated)
    parser.flag("--isolated", options.isolated, "Ignore PIP_* and PKG_* variables and the user's settings files");
  parser.accept_yes();
}

void add_cache_options(OptionParser& parser, IndexOptions& options) {
  parser.group("Cache");
  parser.setting("cache-dir", options.cache_dir);
  parser.setting("no-cache", options.no_cache);
}

void add_index_options(OptionParser& parser, IndexOptions& options) {
  parser.group("Index");
  parser.setting("index-url", options.index_url);
  parser.setting("extra-index-url", options.extra_index_urls);
  parser.list("--index", options.named_indexes, "Ask this index, too, which other options can refer to by its name",
              "[NAME=]URL");
  parser.setting("find-links", options.find_links);
  parser.setting("no-index", options.no_index);
  parser.setting("index-strategy", options.strategy);
  parser.setting("trusted-host", options.trusted_hosts);
  parser.setting("cert", options.cert);
  parser.setting("client-cert", options.client_cert);
  parser.setting("client-key", options.client_key);
  parser.setting("proxy", options.proxy);
  parser.setting("no-proxy-env", options.no_proxy_env);
  parser.setting("retries", options.retries);
  parser.setting("timeout", options.timeout_s);
  parser.setting("keyring-provider", options.keyring);
  add_cache_options(parser, options);
  parser.setting("offline", options.offline);
  parser.setting("refresh", options.refresh);
  parser.setting("refresh-package", options.refresh_packages);
  parser.setting("no-verify-hashes", options.no_verify_hashes);
  parser.setting("no-verify-record", options.no_verify_record);
  add_python_options(parser, options);
}

void add_python_options(OptionParser& parser, IndexOptions& options) {
  parser.group("Interpreters");
  parser.setting("python-downloads", options.python_downloads);
  parser.setting("no-python-downloads", options.no_python_downloads);
  parser.setting("python-catalog", options.python_catalog);
  parser.setting("python-mirror", options.python_mirror);
}

void add_torch_options(OptionParser& parser, IndexOptions& options) {
  options.takes_torch_backend = true;
  parser.group("PyTorch");
  parser.setting("torch-backend", options.torch_backend);
  parser.setting("torch-index-url", options.torch_index_url);
}

Status check_torch_backend(IndexOptions& options, const Config& config, bool is_for_this_machine) {
  if (options.torch_backend != "auto" || is_for_this_machine) return ok_status();
  if (config.text("torch-backend") == "auto") {
    options.takes_torch_backend = false;
    return ok_status();
  }
  return make_error(ErrorKind::usage,
                    "`--torch-backend auto` speaks of this machine, and another platform is asked for",
                    "name the backend: --torch-backend cu130");
}

Status refuse_torch_backend(const IndexOptions& options, const Config& config) {
  if (options.torch_backend == config.text("torch-backend").value_or("")) return ok_status();
  return make_error(ErrorKind::usage, "--torch-backend chooses an index, and a lock names the files already",
                    "in a project, `[tool.pkg.sources]` says which index counts where: docs/guides/pytorch.md");
}

void apply_config(const Config& config, IndexOptions& options) {
  take_all(config, kIndexDefaults, options);
  if (const auto text = config.text("timeout")) {
    const double seconds = std::strtod(text->c_str(), nullptr);
    if (seconds > 0) options.timeout_s = seconds;
  }
  if (const auto text = config.text("remote-cache-patience")) {
    const double seconds = std::strtod(text->c_str(), nullptr);
    if (seconds > 0) options.remote_patience_s = seconds;
  }
  if (const auto text = config.text("retries")) {
    if (const auto number = parse_u64(*text))
      options.retries = static_cast<int>(std::min<std::uint64_t>(*number, 1000));
  }
}

namespace {

// Whether the variables of an index's name go where it leads: always where the user says so; where a project says it,
// only if the user's own settings lead to the same place or above it.
bool takes_variables(const Config::NamedIndex& index, const Config& config) {
  if (!index.is_of_project) return true;
  std::vector<index::IndexLocation> own;
  for (const auto& one : config.indexes())
    if (!one.is_of_project) own.push_back({one.name, one.url});
  return index::leads_where_user_says({index.name, index.url}, own);
}

// What the project gave, and the user's own settings do not say too.
std::set<SecretUrl> foreign_urls(const Config& config) {
  std::set<SecretUrl> foreign, own;
  for (const auto& index : config.indexes())
    (index.is_of_project && !takes_variables(index, config) ? foreign : own).insert(index.url);
  for (const auto& setting : config.all()) {
    if (setting.key != "index-url" && setting.key != "extra-index-url" && setting.key != "find-links") continue;
    (setting.is_of_project ? foreign : own).insert(setting.values.begin(), setting.values.end());
  }
  for (const auto& url : own) foreign.erase(url);
  return foreign;
}

// Those that --index names, those of settings files, the further ones, the default one. Of one name, the first counts.
std::vector<index::IndexLocation> index_locations(const IndexOptions& options, const Config& config) {
  std::vector<index::IndexLocation> indexes;
  const auto add = [&](const std::string& name, const std::string& url, bool is_explicit, bool takes_variables = true,
                       const index::IndexRules& rules = {}) {
    const auto has_name = [&](const index::IndexLocation& one) { return !name.empty() && one.name == name; };
    if (std::ranges::none_of(indexes, has_name))
      indexes.push_back({name, index::index_address(url, ""), is_explicit, takes_variables, rules});
  };
  const auto add_entry = [&](const Config::NamedIndex& entry, bool is_explicit) {
    add(entry.name, entry.url, is_explicit, takes_variables(entry, config), entry.rules);
  };
  for (const auto& text : options.named_indexes) {
    const auto index = named_index(text);
    const auto is_it = [&](const Config::NamedIndex& entry) {
      return entry.name == index.first && entry.url == index.second;
    };
    const bool is_explicit = options.named_are_explicit && !index.first.empty();
    if (is_explicit && std::ranges::any_of(config.indexes(), is_it)) continue;  // as the file has it
    add(index.first, index.second, is_explicit);
  }
  const Config::NamedIndex* default_index = nullptr;
  for (const auto& entry : config.indexes()) {
    if (!entry.is_default)
      add_entry(entry, entry.is_explicit);
    else if (default_index == nullptr)
      default_index = &entry;
  }
  for (const auto& url : options.extra_index_urls) add("", url, false);
  const std::string built_in = PKG_DEFAULT_INDEX_URL;
  // Projects that name the default index find it still.
  const bool is_replaced = !options.index_url.empty();
  if (default_index != nullptr && is_replaced) add_entry(*default_index, true);
  if (is_replaced)
    add("", options.index_url, false);
  else if (default_index != nullptr)
    add_entry(*default_index, false);
  else if (!built_in.empty())
    add("", built_in, false);
  return indexes;
}

index::RemoteCacheSettings remote_of(const IndexOptions& options) {
  if (options.remote_cache.empty()) return {};
  return {.url = options.remote_cache,
          .mode = options.remote_mode == "off"         ? index::RemoteMode::off
                  : options.remote_mode == "read-only" ? index::RemoteMode::read_only
                                                       : index::RemoteMode::read_write,
          .key_file = options.remote_key,
          .trust = options.remote_trust,
          .endpoint = options.remote_endpoint,
          .region = options.remote_region,
          .path_style = options.remote_path_style,
          .patience_s = options.remote_patience_s};
}

Status apply_torch_backend(const IndexOptions& options, index::Settings& settings) {
  if (!options.takes_torch_backend || options.torch_backend.empty()) return ok_status();
  if (!index::is_torch_backend(options.torch_backend))
    return make_error(ErrorKind::usage, cat("--torch-backend: ", quote(options.torch_backend), " is not a backend"),
                      "one of auto, cpu, xpu, cu with a number (cu130), rocm with a version (rocm7.1)");
  const auto& given = options.torch_index_url;
  return index::add_torch_indexes(options.torch_backend, given.empty() ? PKG_TORCH_INDEX_URL : given, this_machine(),
                                  settings);
}

}  // namespace

std::pair<std::string, std::string> named_index(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || text.find("://") <= equals) return {{}, text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

bool uses_throw_away_cache(const IndexOptions& options) {
  return options.no_cache || (options.cache_dir.empty() && default_cache_dir().empty());
}

Result<index::Settings> make_settings(const IndexOptions& options, const Config& config, std::int64_t now) {
  index::Settings settings;
  settings.indexes = index_locations(options, config);
  settings.no_index = options.no_index;
  if (settings.no_index) settings.indexes.clear();
  PKG_TRY(apply_torch_backend(options, settings));
  settings.find_links.assign(options.find_links.begin(), options.find_links.end());
  settings.foreign_urls = foreign_urls(config);
  settings.own_hosts = index::own_hosts(settings);
  settings.strategy =
      options.strategy == "unsafe-best-match" ? index::Strategy::unsafe_best_match : index::Strategy::first_index;
  settings.trusted_hosts = options.trusted_hosts;
  settings.ca_bundle = options.cert;
  if (settings.ca_bundle.empty()) settings.ca_bundle = certificates_of_environment();
  settings.client_cert = options.client_cert;
  settings.client_cert_for_all_named = options.client_cert != config.text("client-cert").value_or("");
  settings.client_key = options.client_key;
  settings.proxy = options.proxy;
  settings.proxy_from_environment = !options.no_proxy_env;
  settings.keyring = options.keyring == "disabled"     ? index::KeyringProvider::disabled
                     : options.keyring == "subprocess" ? index::KeyringProvider::subprocess
                                                       : index::KeyringProvider::automatic;
  settings.timeout_s = options.timeout_s;
  settings.retries = options.retries;
  settings.user_agent = "pkg/" PKG_VERSION;
  std::error_code ignored;  // without a working folder no command comes this far
  settings.cache_dir = options.cache_dir.empty()
                           ? default_cache_dir()
                           : std::filesystem::absolute(options.cache_dir, ignored).lexically_normal().string();
  settings.state_dir = ops::state_folder(process_environment()).string();
  settings.offline = options.offline;
  settings.refresh = options.refresh                    ? index::RefreshMode::all
                     : options.refresh_packages.empty() ? index::RefreshMode::none
                                                        : index::RefreshMode::listed;
  for (const auto& text : options.refresh_packages) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    settings.refresh_names.insert(std::move(name));
  }
  settings.remote = remote_of(options);
  settings.now = now;
  settings.verify_hashes = !options.no_verify_hashes;
  settings.verify_record = !options.no_verify_record;
  return settings;
}

namespace {

// What pkg was built for: an address, a path, or a path below the prefix that pkg is installed in.
std::string built_in_catalog() {
  const std::string text = PKG_DEFAULT_PYTHON_CATALOG;
  if (text.empty() || text.starts_with('/') || url::is_url(text)) return text;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  const auto file = program.parent_path().parent_path() / text;
  return failed || !fs::exists(file) ? std::string() : file.string();
}

}  // namespace

ops::PythonOptions python_options_of(const IndexOptions& options) {
  using ops::PythonDownloads;
  ops::PythonOptions python;
  python.downloads = options.python_downloads == "never"    ? PythonDownloads::never
                     : options.python_downloads == "manual" ? PythonDownloads::manual
                                                            : PythonDownloads::automatic;
  if (options.no_python_downloads) python.downloads = PythonDownloads::never;
  python.catalog = options.python_catalog.empty() ? built_in_catalog() : options.python_catalog;
  python.mirror = options.python_mirror;
  return python;
}

void add_environment_options(OptionParser& parser, ops::EnvironmentOptions& options, bool with_places,
                             std::string_view what_python_is) {
  parser.group("Environment");
  parser.text("-p,--python", options.python, std::string(what_python_is), "PATH|VERSION");
  parser.flag("--system", options.system, "Work with the interpreter's own packages instead of an environment");
  if (!with_places) return;
  parser.text("-t,--target", options.target, "Take this folder of packages as the environment", "DIR");
  parser.text("--prefix", options.prefix, "Take the packages below this prefix as the environment", "DIR");
  parser.text("--root", options.root, "Work as if this were the file system's root", "DIR");
  parser.setting("user", options.user);
  parser.setting("break-system-packages", options.break_system_packages);
  parser.setting("require-virtualenv", options.require_virtualenv);
}

void add_active_option(OptionParser& parser, ops::EnvironmentOptions& options) {
  parser.flag("--active", options.active,
              "Work with the active environment (VIRTUAL_ENV) instead of the project's own");
}

void apply_config(const Config& config, ops::EnvironmentOptions& options) {
  take_all(config, kEnvironmentDefaults, options);
}

void add_resolver_options(OptionParser& parser, ResolverFlags& flags) {
  parser.group("Resolution");
  parser.setting("pre", flags.pre);
  parser.setting("prerelease", flags.prerelease);
  parser.list("--prerelease-package", flags.prerelease_packages, "Say when pre-releases of one project may be taken",
              "NAME=WHEN");
  parser.setting("all-releases", flags.all_releases);
  parser.setting("only-final", flags.only_final);
  parser.setting("resolution", flags.resolution);
  parser.setting("exclude-newer", flags.exclude_newer);
  parser.setting("only-binary", flags.only_binary);
  parser.setting("no-binary", flags.no_binary);
  parser.setting("prefer-binary", flags.prefer_binary);
  parser.setting("variant", flags.variants);
  parser.setting("no-deps", flags.no_deps);
  parser.setting("ignore-requires-python", flags.ignore_requires_python);
  parser.setting("upgrade", flags.upgrade);
  parser.setting("upgrade-strategy", flags.upgrade_strategy);
  parser.setting("resolver-rounds", flags.rounds);
  parser.setting("upgrade-package", flags.upgrade_packages);
  add_build_options(parser, flags.build);
}

void apply_config(const Config& config, ResolverFlags& flags) {
  take_all(config, kResolverDefaults, flags);
  apply_config(config, flags.build);
}

namespace {

// "NAME=WHEN", of --prerelease-package.
Status add_prerelease_package(std::string_view text, resolver::Policy& policy) {
  const auto equals = text.find('=');
  const auto prereleases =
      resolver::parse_prereleases(equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1));
  if (!prereleases)
    return make_error(ErrorKind::usage, cat("--prerelease-package is NAME=WHEN, not ", quote(text)),
                      cat("WHEN is one of ", resolver::kPrereleaseWords));
  PKG_TRY_ASSIGN(const auto name, pep::Name::parse(trim(text.substr(0, equals))));
  policy.prereleases_of[name] = *prereleases;
  return ok_status();
}

Status set_prereleases(const ResolverFlags& flags, resolver::Policy& policy) {
  using resolver::Prereleases;
  if (flags.pre && !(flags.all_releases.empty() && flags.only_final.empty()))
    return make_error(ErrorKind::usage,
                      "--pre is for every project: it cannot be combined with --all-releases or "
                      "--only-final");
  policy.prereleases = flags.pre ? Prereleases::allow
                                 : resolver::parse_prereleases(flags.prerelease).value_or(Prereleases::if_necessary);
  ops::ReleaseControl control;
  for (const auto& value : flags.all_releases) PKG_TRY(ops::add_release_control(value, Prereleases::allow, control));
  for (const auto& value : flags.only_final) PKG_TRY(ops::add_release_control(value, Prereleases::disallow, control));
  if (control.all) policy.prereleases = *control.all ? Prereleases::allow : Prereleases::disallow;
  policy.prereleases_of = std::move(control.of);
  for (const auto& text : flags.prerelease_packages) PKG_TRY(add_prerelease_package(text, policy));
  return ok_status();
}

}  // namespace

Result<ops::ResolveOptions> make_resolve_options(const ResolverFlags& flags, ops::Session& session) {
  ops::ResolveOptions options;
  auto& policy = options.policy;
  PKG_TRY(set_prereleases(flags, policy));
  policy.order = flags.resolution == "lowest"          ? resolver::Order::lowest
                 : flags.resolution == "lowest-direct" ? resolver::Order::lowest_direct
                                                       : resolver::Order::highest;
  if (!flags.exclude_newer.empty()) {
    PKG_TRY_ASSIGN(policy.exclude_newer, time::parse_cutoff(flags.exclude_newer, session.now()));
    options.exclude_newer = flags.exclude_newer;
  }
  for (const auto& value : flags.only_binary) PKG_TRY(ops::add_format_control(value, true, policy.format));
  for (const auto& value : flags.no_binary) PKG_TRY(ops::add_format_control(value, false, policy.format));
  if (flags.build.no_build) policy.format.only_binary_all = true;
  policy.prefer_binary = flags.prefer_binary;
  for (const auto& value : flags.variants)
    PKG_TRY(resolver::add_variant_rule(value, policy.variants).with([] { return "in --variant"; }));
  policy.no_deps = flags.no_deps;
  policy.ignore_requires_python = flags.ignore_requires_python;
  if (!flags.rounds.empty()) {
    const auto rounds = parse_u64(flags.rounds);
    if (!rounds || *rounds == 0)
      return make_error(ErrorKind::usage, cat("--resolver-rounds is a number above zero, not ", quote(flags.rounds)));
    policy.most_rounds = *rounds;
  }
  options.upgrade = flags.upgrade;
  options.upgrade_strategy =
      flags.upgrade_strategy == "eager" ? ops::UpgradeStrategy::eager : ops::UpgradeStrategy::only_if_needed;
  options.upgrade_packages = flags.upgrade_packages;
  PKG_TRY(set_build_options(flags.build, options, session));
  return options;
}

void add_input_options(OptionParser& parser, ops::InputOptions& options) {
  parser.group("Inputs");
  parser.list("-r,--requirement,--requirements", options.requirements_files,
              "Take the requirements of this file, pyproject.toml or script", "FILE");
  parser.list("--requirements-from-script", options.scripts, "Take the requirements of this script's metadata block",
              "FILE");
  parser.setting("constraint", options.constraints_files);
  parser.setting("override", options.override_files);
  parser.list("-e,--editable", options.editables, "Install this source tree in place", "DIR");
  parser.list("--group", options.groups, "Take this dependency group of pyproject.toml", "[FILE:]NAME");
  parser.list("--extra", options.extras, "Take this extra of the pyproject.toml that -r names", "NAME");
  parser.setting("all-extras", options.all_extras);
  parser.list("--exclude", options.excludes, "Never install this, whatever requires it", "NAME");
  parser.setting("require-hashes", options.require_hashes);
  parser.setting("no-require-hashes", options.no_require_hashes);
}

void apply_config(const Config& config, ops::InputOptions& options) { take_all(config, kInputDefaults, options); }

void add_link_options(OptionParser& parser, LinkFlags& flags) {
  parser.group("Installing");
  parser.setting("link-mode", flags.link_mode);
  parser.setting("compile", flags.compile);
  parser.setting("no-compile", flags.no_compile);
  parser.setting("file-conflicts", flags.file_conflicts);
  parser.flag("--allow-overwrite", flags.allow_overwrite,
              "Warn, and do not fail, when two distributions ship one path with different content");
  parser.setting("fsync", flags.fsync);
}

void apply_config(const Config& config, LinkFlags& flags) { take_all(config, kLinkDefaults, flags); }

Result<venv::ApplyOptions> make_apply_options(const LinkFlags& flags, const IndexOptions& index) {
  venv::ApplyOptions options;
  options.link_mode = flags.link_mode == "clone"     ? venv::LinkMode::clone
                      : flags.link_mode == "copy"    ? venv::LinkMode::copy
                      : flags.link_mode == "symlink" ? venv::LinkMode::symlink
                                                     : venv::LinkMode::hardlink;
  // A throw-away cache is no place to link to.
  if (uses_throw_away_cache(index) && options.link_mode == venv::LinkMode::symlink)
    options.link_mode = venv::LinkMode::hardlink;
  options.compile_bytecode = flags.compile && !flags.no_compile;
  if (flags.file_conflicts != "warn" && flags.file_conflicts != "error")
    return make_error(ErrorKind::usage,
                      cat("file-conflicts is ", quote(flags.file_conflicts), ", expected `warn` or `error`"));
  if (flags.file_conflicts == "error" && !flags.allow_overwrite) options.file_conflicts = venv::FileConflicts::error;
  options.verify_record = !index.no_verify_record;
  options.sync_to_disk = flags.fsync;
  return options;
}

}  // namespace pkg::cli
