#include "ops/session/setting_table.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

namespace pkg::ops {
namespace {

using enum ProjectMay;
using enum SettingKind;

// A new setting that says whom to believe, what is checked, or where outside the project something is written is
// `not_set`; one that forbids something is `set_where_unsaid`.
constexpr auto kSettings = std::to_array<CommandLineSetting>({
    {.name = "index-url", .kind = text, .flags = "-i,--index-url,--default-index", .words = "URL", .help = "The main index; asked last", .usual = "the index that pkg was built for"},
    {.name = "extra-index-url", .kind = list, .flags = "--extra-index-url", .words = "URL", .help = "An index to ask before the main one"},
    {.name = "find-links", .kind = list, .flags = "-f,--find-links", .words = "DIR|URL", .help = "A folder or page of files, beside the indexes"},
    {.name = "no-index", .kind = flag, .flags = "--no-index", .help = "Ask no index, only --find-links", .project_may = set_where_unsaid},
    {.name = "index-strategy", .kind = choice, .flags = "--index-strategy", .words = "first-index|unsafe-best-match", .help = "One project from one index, or the best of all", .usual = "first-index"},
    {.name = "trusted-host", .kind = list, .flags = "--trusted-host", .words = "HOST", .help = "A host whose certificate is not checked", .project_may = not_set},
    {.name = "cert", .kind = text, .flags = "--cert", .words = "FILE|DIR", .help = "Certificates to trust, instead of the system's", .project_may = not_set},
    {.name = "client-cert", .kind = text, .flags = "--client-cert", .words = "FILE", .help = "Client certificate, with its key", .project_may = not_set},
    {.name = "client-key", .kind = text, .flags = "--client-key", .words = "FILE", .help = "The key of the client certificate, when it is in a file of its own", .project_may = not_set},
    {.name = "no-proxy-env", .kind = flag, .flags = "--no-proxy-env", .help = "Ignore http_proxy and similar variables", .project_may = not_set},
    {.name = "proxy", .kind = text, .flags = "--proxy", .words = "URL", .help = "Proxy for all requests: http, https, socks5 or socks5h", .project_may = not_set},
    {.name = "retries", .kind = integer, .flags = "--retries", .words = "N", .help = "Attempts after the first", .usual = "5"},
    {.name = "timeout", .kind = seconds, .flags = "--timeout,--default-timeout", .words = "SECONDS", .help = "Limit for connecting, and for waiting for the next byte", .usual = "15"},
    {.name = "keyring-provider", .kind = choice, .flags = "--keyring-provider", .words = "disabled|subprocess|auto|import", .help = "Ask the keyring program for passwords", .usual = "disabled", .project_may = not_set},
    {.name = "pre", .kind = flag, .flags = "--pre", .help = "Take pre-releases too"},
    {.name = "prerelease", .kind = choice, .flags = "--prerelease", .words = "if-necessary|allow|disallow|explicit|if-necessary-or-explicit", .help = "When to take pre-releases", .usual = "if-necessary"},
    {.name = "resolution", .kind = choice, .flags = "--resolution", .words = "highest|lowest|lowest-direct", .help = "Which versions to prefer", .usual = "highest"},
    {.name = "resolver-rounds", .kind = integer, .flags = "--resolver-rounds", .words = "N", .help = "Give up after so many rounds of resolving (1 million)", .usual = "1000000"},
    {.name = "exclude-newer", .kind = text, .flags = "--exclude-newer,--uploaded-prior-to", .words = "DATE|DURATION", .help = "Ignore files uploaded later than this"},
    {.name = "prefer-binary", .kind = flag, .flags = "--prefer-binary", .help = "Prefer an older wheel to a newer source distribution"},
    {.name = "only-binary", .kind = list, .flags = "--only-binary", .words = "NAME|:all:", .help = "Never build these", .project_may = set_where_unsaid},
    {.name = "no-binary", .kind = list, .flags = "--no-binary", .words = "NAME|:all:", .help = "Never use wheels of these", .project_may = set_where_unsaid, .opposite = "only-binary"},
    {.name = "no-build", .kind = flag, .flags = "--no-build", .help = "Never build: wheels only, no folders, no revisions", .project_may = set_where_unsaid},
    {.name = "constraint", .kind = list, .flags = "-c,--constraint,--constraints", .words = "FILE", .help = "Limit versions to what this file allows"},
    {.name = "override", .kind = list, .flags = "--override,--overrides", .words = "FILE", .help = "Replace requirements with those of this file"},
    {.name = "no-deps", .kind = flag, .flags = "--no-deps,--no-dependencies", .help = "Only what is named"},
    {.name = "ignore-requires-python", .kind = flag, .flags = "--ignore-requires-python", .help = "Accept releases that exclude this Python"},
    {.name = "upgrade", .kind = flag, .flags = "-U,--upgrade", .help = "Take newer versions of what is named"},
    {.name = "upgrade-strategy", .kind = choice, .flags = "--upgrade-strategy", .words = "only-if-needed|eager", .help = "What --upgrade does with dependencies", .usual = "only-if-needed"},
    {.name = "force-reinstall", .kind = flag, .flags = "--reinstall,--force-reinstall", .help = "Install again even what is there"},
    {.name = "require-hashes", .kind = flag, .flags = "--require-hashes", .help = "Require a hash for everything that is installed", .project_may = set_where_unsaid},
    {.name = "no-require-hashes", .kind = flag, .flags = "--no-require-hashes", .help = "Check the hashes that are given, but require none", .project_may = set_where_unsaid, .opposite = "require-hashes"},
    {.name = "no-verify-hashes", .kind = flag, .flags = "--no-verify-hashes", .help = "Do not compare downloads with the index's hashes", .project_may = not_set},
    {.name = "no-verify-record", .kind = flag, .flags = "--no-verify-record", .help = "Accept wheels whose RECORD is wrong", .project_may = not_set},
    {.name = "offline", .kind = flag, .flags = "--offline", .help = "Send no request", .project_may = set_where_unsaid},
    {.name = "refresh", .kind = flag, .flags = "--refresh", .help = "Ask again for what the cache holds"},
    {.name = "cache-dir", .kind = text, .flags = "--cache-dir", .words = "DIR", .help = "Where the cache is", .usual = "$XDG_CACHE_HOME/pkg", .project_may = not_set},
    {.name = "no-cache", .kind = flag, .flags = "-n,--no-cache,--no-cache-dir", .help = "Use a throw-away cache"},
    {.name = "link-mode", .kind = choice, .flags = "--link-mode", .words = "hardlink|clone|copy|symlink", .help = "How files come from the cache (symlink: whole folders)", .usual = "hardlink"},
    {.name = "compile", .kind = flag, .flags = "--compile,--compile-bytecode", .help = "Compile bytecode now (off by default; Python does it at first import)"},
    {.name = "no-compile", .kind = flag, .flags = "--no-compile,--no-compile-bytecode", .help = "Do not compile bytecode"},
    {.name = "file-conflicts", .kind = choice, .flags = "--file-conflicts", .words = "warn|error", .help = "What to do when two distributions ship one path with different content (default warn)", .usual = "warn", .project_may = set_where_unsaid},
    {.name = "fsync", .kind = flag, .flags = "--fsync", .help = "Return only when everything is on disk"},
    {.name = "dry-run", .kind = flag, .flags = "--dry-run", .help = "Say what would be done"},
    {.name = "require-virtualenv", .kind = flag, .flags = "--require-virtualenv,--require-venv", .help = "Fail outside a virtual environment", .project_may = set_where_unsaid},
    {.name = "break-system-packages", .kind = flag, .flags = "--break-system-packages", .help = "Change an externally managed interpreter", .project_may = not_set},
    {.name = "quiet", .kind = count, .flags = "-q,--quiet", .help = "Say less; twice: errors only"},
    {.name = "verbose", .kind = count, .flags = "-v,--verbose", .help = "Say more"},
    {.name = "color", .kind = choice, .flags = "--color", .words = "auto|always|never", .help = "Colours", .usual = "auto"},
    {.name = "no-color", .kind = flag, .flags = "--no-color", .help = "The same as --color never"},
    {.name = "no-progress", .kind = flag, .flags = "--no-progress", .help = "Show no progress bars"},
    {.name = "progress-bar", .kind = choice, .flags = "--progress-bar", .words = "on|off|ascii|pretty|emoji|raw|auto", .help = "As pip: on, off", .usual = "on"},
    {.name = "log", .kind = text, .flags = "--log", .words = "FILE", .help = "Add what was said, and with which page, file and interpreter, to this file", .project_may = not_set},
    {.name = "user", .kind = flag, .flags = "--user", .help = "Install for this user", .project_may = not_set},
    {.name = "mirror-neutral", .kind = flag, .flags = "--mirror-neutral", .help = "Write names and hashes of files, and no addresses; stays so when it is locked again"},
    {.name = "strict-requires-python", .kind = flag, .flags = "--strict-requires-python", .help = "Upper bounds of Requires-Python count when versions are chosen"},
    {.name = "no-build-package", .kind = list, .flags = "--no-build-package", .words = "NAME", .help = "Never build this package", .project_may = set_where_unsaid},
    {.name = "no-build-isolation", .kind = flag, .flags = "--no-build-isolation", .help = "Build in the environment itself, with what is installed there"},
    {.name = "no-build-isolation-package", .kind = list, .flags = "--no-build-isolation-package", .words = "NAME", .help = "Build this package without isolation"},
    {.name = "config-settings", .kind = lines, .flags = "-C,--config-settings,--config-setting", .words = "KEY=VALUE", .help = "A setting for build backends"},
    {.name = "config-settings-package", .kind = lines, .flags = "--config-settings-package", .words = "NAME:KEY=VALUE", .help = "A setting for the build backend of one package"},
    {.name = "extra-build-dependency", .kind = lines, .flags = "--extra-build-dependency", .words = "NAME:REQUIREMENT", .help = "One more build requirement of a package"},
    {.name = "build-constraint", .kind = list, .flags = "--build-constraint,--build-constraints", .words = "FILE", .help = "Limit versions of build requirements to what this file allows"},
    {.name = "build-variable", .kind = list, .flags = "--build-variable", .words = "NAME[=VALUE]", .help = "A variable for every build, whatever its name; without VALUE the one that is set", .project_may = not_set},
    {.name = "no-build-variables", .kind = flag, .flags = "--no-build-variables", .help = "Of the variables that are set, builds get those of compilers and build tools only", .project_may = set_where_unsaid},
    {.name = "check-build-dependencies", .kind = flag, .flags = "--check-build-dependencies", .help = "Without isolation: check that build requirements are installed"},
    {.name = "sandbox-build", .kind = flag, .flags = "--sandbox-build", .help = "Build without network; only the build's own folders can be written", .project_may = set_where_unsaid},
    {.name = "build-timeout", .kind = seconds, .flags = "--build-timeout", .words = "SECONDS", .help = "End a build after so many seconds", .usual = "3600"},
    {.name = "build-jobs", .kind = integer, .flags = "--build-jobs", .words = "N", .help = "Builds at a time (default: number of cores)", .usual = "number of cores"},
    {.name = "no-url-dependencies", .kind = flag, .flags = "--no-url-dependencies", .help = "Refuse releases that require URLs", .project_may = set_where_unsaid},
    {.name = "src", .kind = text, .flags = "--src", .words = "DIR", .help = "Where editable revisions are checked out (default: src in the environment)", .usual = "src in the environment", .project_may = not_set},
    {.name = "dest", .kind = text, .flags = "-d,--dest,--destination-dir,--destination-directory", .words = "DIR", .help = "Where to; default: the working folder", .usual = ".", .project_may = not_set},
    {.name = "wheel-dir", .kind = text, .flags = "-w,--wheel-dir", .words = "DIR", .help = "Where to; default: the working folder", .usual = ".", .project_may = not_set},
    {.name = "no-warn-script-location", .kind = flag, .flags = "--no-warn-script-location", .help = "Do not warn about scripts in folders outside PATH"},
    {.name = "refresh-package", .kind = list, .flags = "--refresh-package", .words = "NAME", .help = "Ask again for this project"},
    {.name = "upgrade-package", .kind = list, .flags = "-P,--upgrade-package", .words = "NAME[==V]", .help = "Upgrade this package"},
    {.name = "fork-strategy", .kind = choice, .flags = "--fork-strategy", .words = "newest|fewest", .help = "The newest version for each Python (the default), or as few versions as possible", .usual = "newest"},
    {.name = "all-extras", .kind = flag, .flags = "--all-extras", .help = "With all extras"},
    {.name = "all-groups", .kind = flag, .flags = "--all-groups", .help = "With all dependency groups"},
    {.name = "no-group", .kind = list, .flags = "--no-group", .words = "NAME", .help = "Without this dependency group"},
    {.name = "no-default-groups", .kind = flag, .flags = "--no-default-groups", .help = "Without the groups that are there by default"},
    {.name = "no-dev", .kind = flag, .flags = "--no-dev", .help = "The same as --no-group dev"},
    {.name = "locked", .kind = flag, .flags = "--locked", .help = "Fail when the lock is not up to date, instead of locking again"},
    {.name = "frozen", .kind = flag, .flags = "--frozen", .help = "Take the lock as it is, without reading pyproject.toml"},
    {.name = "no-sync", .kind = flag, .flags = "--no-sync", .help = "Take the environment as it is"},
    {.name = "no-editable", .kind = flag, .flags = "--no-editable", .help = "Build and install folders like anything else, instead of in place"},
    {.name = "no-install-project", .kind = flag, .flags = "--no-install-project", .help = "Only what the project needs, not the project itself"},
    {.name = "no-install-workspace", .kind = flag, .flags = "--no-install-workspace", .help = "No member of the workspace either"},
    {.name = "no-install-package", .kind = list, .flags = "--no-install-package", .words = "NAME", .help = "Neither install nor remove this one"},
    {.name = "no-install-local", .kind = flag, .flags = "--no-install-local", .help = "Neither folders nor files of this machine, the project among them"},
    {.name = "annotate", .kind = flag, .flags = "--annotate,!--no-annotate", .help = "Say what asked for each package (the default)", .usual = "true"},
    {.name = "no-header", .kind = flag, .flags = "--no-header", .help = "Write no comment at the top"},
    {.name = "generate-hashes", .kind = flag, .flags = "--generate-hashes", .help = "Write a hash for each file of each release"},
    {.name = "seed", .kind = flag, .flags = "--seed", .help = "Install pip"},
    {.name = "reinstall-package", .kind = list, .flags = "--reinstall-package", .words = "NAME", .help = "Install this package again"},
    {.name = "ignore-installed", .kind = flag, .flags = "-I,--ignore-installed", .help = "Resolve as if nothing were installed"},
    {.name = "no-warn-conflicts", .kind = flag, .flags = "--no-warn-conflicts", .help = "Do not say whose requirements the change breaks"},
});

std::optional<double> parse_number(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || number != number) return std::nullopt;
  return number;
}

}  // namespace

std::span<const CommandLineSetting> command_line_settings() { return kSettings; }

const CommandLineSetting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &CommandLineSetting::name);
  if (found != kSettings.end()) return &*found;
  for (const auto& setting : kSettings) {
    const auto names = names_of(setting);
    if (std::ranges::find(names, name) != names.end()) return &setting;
  }
  return nullptr;
}

std::vector<std::string_view> names_of(const CommandLineSetting& setting) {
  std::vector<std::string_view> names;
  for (auto flag : split(setting.flags, ','))
    if (flag.starts_with("--")) names.push_back(flag.substr(2));
  return names;
}

std::vector<std::string_view> choices_of(const CommandLineSetting& setting) { return split(setting.words, '|'); }

std::optional<bool> parse_truth(std::string_view text) {
  const auto word = to_ascii_lower(trim(text));
  for (const std::string_view yes : {"1", "true", "yes", "on", "y", "t"})
    if (word == yes) return true;
  for (const std::string_view no : {"0", "false", "no", "off", "n", "f"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<std::string> fault_of_value(const CommandLineSetting& setting, std::string_view value) {
  const auto is_not = [&](std::string_view expected) { return cat("is ", quote(value), ", expected ", expected); };
  switch (setting.kind) {
    case flag:
      if (!parse_truth(value)) return is_not("true or false");
      break;
    case count:
      if (!parse_truth(value) && !parse_u64(trim(value))) return is_not("a number, true or false");
      break;
    case choice: {
      const auto choices = choices_of(setting);
      if (std::ranges::find(choices, trim(value)) == choices.end()) {
        std::vector<std::string> quoted;
        for (const auto word : choices) quoted.push_back(quote(word));
        return is_not(cat(quoted.size() == 1 ? "" : "one of ", join(quoted, ", ")));
      }
      break;
    }
    case integer:
      if (!parse_u64(trim(value))) return is_not("a number of zero or more");
      break;
    case seconds:
      if (const auto number = parse_number(trim(value)); !number || *number <= 0)
        return is_not("a number of seconds above zero");
      break;
    case text:
    case list:
    case lines:
      break;
  }
  return std::nullopt;
}

}  // namespace pkg::ops
