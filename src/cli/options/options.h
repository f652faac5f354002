#pragma once
// Option groups that commands share, and one parse: CLI11 is known to this file's .cpp and to commands through
// OptionParser only.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/config/config.h"
#include "cli/options/build_flags.h"
#include "cli/options/help_layout.h"
#include "index/settings.h"
#include "ops/environment/environment_choice.h"
#include "ops/inputs/inputs.h"
#include "ops/solve/solve.h"
#include "venv/transaction/transaction.h"

namespace pkg::cli {

// The options of one command. Declare, then parse once; the variables given are written to by parse.
class OptionParser {
 public:
  OptionParser(const Invocation& invocation, std::string description, std::string example);
  ~OptionParser();
  OptionParser(const OptionParser&) = delete;
  OptionParser& operator=(const OptionParser&) = delete;

  // `names` as CLI11 takes them: "-i,--index-url".
  void text(const std::string& names, std::string& value, const std::string& help,
            const std::string& placeholder = "TEXT");
  void number(const std::string& names, double& value, const std::string& help);
  void integer(const std::string& names, int& value, const std::string& help);
  void list(const std::string& names, std::vector<std::string>& values, const std::string& help,
            const std::string& placeholder = "TEXT");
  // One that is there already stays: a verb may give an option of a shared group a meaning of its own, before the
  // group.
  void flag(const std::string& names, bool& value, const std::string& help);
  void count(const std::string& names, int& value, const std::string& help);
  // Of accepted_options() the one with a letter; parse() drops the others. Neither help nor completion shows them.
  void accept_yes();
  void choice(const std::string& names, std::string& value, const std::vector<std::string>& choices,
              const std::string& help);
  // An option that is a setting: its names, values and help are those of the settings' table
  // (ops/session/setting_table.h); `help` is what it means for this verb, where that differs.
  void setting(std::string_view name, bool& value, std::string_view help = {});
  void setting(std::string_view name, std::string& value, std::string_view help = {});
  void setting(std::string_view name, std::vector<std::string>& values, std::string_view help = {});
  void setting(std::string_view name, double& value, std::string_view help = {});
  void setting(std::string_view name, int& value, std::string_view help = {});
  void positional(const std::string& name, std::string& value, const std::string& help, bool required = false);
  void positionals(const std::string& name, std::vector<std::string>& values, const std::string& help);
  // Everything from the first word that is no option on: a command and its arguments.
  void rest(const std::string& name, std::vector<std::string>& words, const std::string& help);
  void group(const std::string& title);  // heading of the options declared next

  // usage with the nearest option as a hint. True: go on; false: help was asked for and has been printed.
  Result<bool> parse();
  std::vector<std::string> option_names() const;  // "--index-url" …: for completion
  HelpPage help() const;                          // what --help prints: the verb's own options first

 private:
  Status take_rest();
  struct State;
  std::unique_ptr<State> state_;
};

// An option that pip has and pkg needs not: it is taken, and nothing comes of it.
struct AcceptedOption {
  std::string_view flags;
  bool takes_value = false;
  std::string_view why;
};
std::span<const AcceptedOption> accepted_options();

// -q, -v, --json, --color, --no-progress, --project: everywhere.
struct GlobalOptions {
  int quiet = 0, verbose = 0;
  bool json = false;
  std::string color = "auto";
  bool no_progress = false;
  std::string progress;  // "json": NDJSON events
  std::string project, log;
  bool no_color = false;
  bool isolated = false;          // CommandContext::load_config acts on it
  bool has_own_isolated = false;  // the verb has another option of that name
  std::string progress_bar;
};
void add_global_options(OptionParser& parser, GlobalOptions& options);

// Where to look, how to connect, where the cache is.
struct IndexOptions {
  bool is_about_cache = false;  // of a verb that looks at the cache: another one does not stand in for it
  std::string index_url;
  std::vector<std::string> extra_index_urls, named_indexes, find_links, trusted_hosts;
  bool named_are_explicit = false;  // of a verb that writes --index into the project, for what it adds alone
  bool no_index = false;
  std::string strategy = "first-index";
  bool takes_torch_backend = false;  // see add_torch_options; otherwise torch_backend does not count
  std::string torch_backend, torch_index_url;
  std::string cert, client_cert, client_key, proxy, keyring = "disabled";
  bool no_proxy_env = false;
  double timeout_s = 15;
  int retries = 5;
  std::string cache_dir;
  std::string remote_cache, remote_mode = "read-write", remote_key, remote_endpoint, remote_region;
  std::vector<std::string> remote_trust;
  bool remote_path_style = false;
  double remote_patience_s = 3;
  bool no_cache = false, offline = false, refresh = false;
  std::vector<std::string> refresh_packages;
  bool no_verify_hashes = false, no_verify_record = false;
};
// The name and the address of --index [NAME=]URL; without a name the first is empty.
std::pair<std::string, std::string> named_index(const std::string& text);
void add_cache_options(OptionParser& parser, IndexOptions& options);
void add_index_options(OptionParser& parser, IndexOptions& options);
void add_torch_options(OptionParser& parser, IndexOptions& options);  // of verbs that resolve for one machine
// `auto` of the settings does not count for another platform, which this machine's driver says nothing about; as an
// option it is refused (usage).
Status check_torch_backend(IndexOptions& options, const Config& config, bool is_for_this_machine);
// usage: a backend was asked for by an option, and a lock says which files count.
Status refuse_torch_backend(const IndexOptions& options, const Config& config);
void apply_config(const Config& config, IndexOptions& options);  // before parse: flags win
bool uses_throw_away_cache(const IndexOptions& options);         // asked for, or there is no home
Result<index::Settings> make_settings(const IndexOptions& options, const Config& config, std::int64_t now);

inline constexpr std::string_view kPythonNames = "Work with this environment or interpreter, or one of this version";
void add_environment_options(OptionParser& parser, ops::EnvironmentOptions& options, bool with_places,
                             std::string_view what_python_is = kPythonNames);
void add_active_option(OptionParser& parser, ops::EnvironmentOptions& options);  // of verbs that work on projects
void apply_config(const Config& config, ops::EnvironmentOptions& options);

// What every verb that resolves understands besides the index options.
struct ResolverFlags {
  bool pre = false;
  std::string prerelease = "if-necessary", resolution = "highest", exclude_newer, upgrade_strategy = "only-if-needed";
  std::vector<std::string> all_releases, only_final, prerelease_packages;
  std::vector<std::string> only_binary, no_binary, variants;
  BuildFlags build;
  bool prefer_binary = false, no_deps = false, ignore_requires_python = false;
  bool upgrade = false;
  std::vector<std::string> upgrade_packages;
  std::string rounds;  // empty: resolver::Policy's
};
void add_resolver_options(OptionParser& parser, ResolverFlags& flags);
void apply_config(const Config& config, ResolverFlags& flags);
// What concerns builds goes into session.build_options().
Result<ops::ResolveOptions> make_resolve_options(const ResolverFlags& flags, ops::Session& session);

void add_input_options(OptionParser& parser, ops::InputOptions& options);
void apply_config(const Config& config, ops::InputOptions& options);

struct LinkFlags {
  std::string link_mode = "hardlink";
  std::string file_conflicts = "warn";
  bool compile = false, no_compile = false, allow_overwrite = false, fsync = false;
};
void add_link_options(OptionParser& parser, LinkFlags& flags);
void apply_config(const Config& config, LinkFlags& flags);
Result<venv::ApplyOptions> make_apply_options(const LinkFlags& flags, const IndexOptions& index);

}  // namespace pkg::cli
