#include "builder/build_variables.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/secrets.h"
#include "base/text.h"
#include "base/url.h"
#include "builder/variable_lists.h"

namespace pkg::builder {
namespace {

// Shorter ones are words that stand in other values by chance.
constexpr std::size_t kShortestSecret = 8, kShortestValue = 12;

using Entry = std::pair<std::string_view, std::string_view>;

std::vector<Entry> own_variables() {
  std::vector<Entry> entries;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto mark = entry.find('=');
    if (mark == 0 || mark == std::string_view::npos) continue;
    entries.emplace_back(entry.substr(0, mark), entry.substr(mark + 1));
  }
  return entries;
}

// The passwords of the URLs in a value.
void add_passwords(std::string_view value, std::vector<std::string>& secrets) {
  for (auto at = value.find("://"); at != std::string_view::npos; at = value.find("://", at + 3)) {
    const auto rest = value.substr(at + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?# \t,;\"'"));
    const auto end = authority.rfind('@');
    if (end == std::string_view::npos) continue;
    const auto user = authority.substr(0, end);
    const auto colon = user.find(':');
    const auto password = colon == std::string_view::npos ? user : user.substr(colon + 1);
    secrets.emplace_back(password);
    secrets.push_back(url::percent_decode(password));
  }
}

// What the user's environment keeps under names of secrets must not pass under other names. A path is no secret, nor is
// a word like "disabled".
bool is_telling_value(std::string_view value) {
  return value.size() >= kShortestValue && !value.starts_with('/') && !value.starts_with('~');
}

std::vector<std::string> secret_values(const std::vector<Entry>& entries, const VariableRules& rules) {
  std::vector<std::string> secrets = rules.secrets;
  for (const auto& [name, value] : entries) {
    add_passwords(value, secrets);
    if (sounds_secret(name) && is_telling_value(value)) secrets.emplace_back(value);
  }
  std::erase_if(secrets, [](const std::string& secret) { return secret.size() < kShortestSecret; });
  return secrets;
}

bool holds_one_of(std::string_view value, const std::vector<std::string>& secrets) {
  return std::ranges::any_of(secrets,
                             [&](const std::string& secret) { return value.find(secret) != std::string_view::npos; });
}

bool could_be_secret(const Entry& entry, const std::vector<std::string>& secrets) {
  const auto& [name, value] = entry;
  return sounds_secret(name) || looks_secret(value) || holds_credentials(value, is_proxy_name(name)) ||
         holds_one_of(value, secrets);
}

bool is_allowed(const Entry& entry, const VariableRules& rules) {
  const auto& [name, value] = entry;
  if (breaks_isolation(name) || (rules.familiar_only && !is_familiar_variable(name))) return false;
  // A jobserver's descriptors do not reach the build.
  return value.find("--jobserver") == std::string_view::npos;
}

// What passes of this process's variables; PATH is another matter.
std::vector<Entry> passing(const VariableRules& rules) {
  auto entries = own_variables();
  const auto secrets = secret_values(entries, rules);
  std::erase_if(entries, [&](const Entry& entry) {
    return entry.first == "PATH" || !is_allowed(entry, rules) || could_be_secret(entry, secrets);
  });
  return entries;
}

class Environment {
 public:
  void set(std::string_view name, std::string value) {
    for (auto& [known, old] : variables_) {
      if (known != name) continue;
      old = std::move(value);
      return;
    }
    variables_.emplace_back(name, std::move(value));
  }
  void set_if_absent(std::string_view name, std::string value) {
    if (!has(name)) set(name, std::move(value));
  }
  bool has(std::string_view name) const {
    return std::ranges::any_of(variables_, [&](const auto& variable) { return variable.first == name; });
  }
  Variables take() && { return std::move(variables_); }

 private:
  Variables variables_;
};

void set_jobs(Environment& environment, int jobs) {
  if (jobs <= 0) return;
  const std::string count = cat(jobs);
  environment.set_if_absent("MAKEFLAGS", cat("-j", count));
  for (const auto* name : {"CMAKE_BUILD_PARALLEL_LEVEL", "CARGO_BUILD_JOBS", "MAX_JOBS", "NPY_NUM_BUILD_JOBS"})
    environment.set_if_absent(name, count);
}

std::string search_path() {
  for (const auto& [name, value] : own_variables())
    if (name == "PATH") return std::string(value);
  return "/usr/local/bin:/usr/bin:/bin";
}

}  // namespace

Variables build_variables(const std::filesystem::path& scripts, int jobs, const VariableRules& rules,
                          const Variables& extra) {
  Environment environment;
  for (const auto& [name, value] : passing(rules)) environment.set(name, std::string(value));
  const auto path = search_path();
  environment.set("PATH", scripts.empty() ? path : cat(scripts.native(), ':', path));
  // Where tools look for "the" Python that was activated, the build environment's has to be it.
  if (!scripts.empty() && fs::exists(scripts.parent_path() / "pyvenv.cfg"))
    environment.set("VIRTUAL_ENV", scripts.parent_path().native());
  environment.set("TERM", "dumb");
  environment.set("PYTHONNOUSERSITE", "1");
  environment.set("PYTHONDONTWRITEBYTECODE", "1");
  environment.set_if_absent("LANG", "C.UTF-8");
  set_jobs(environment, jobs);
  for (const auto* variables : {&extra, &rules.given})
    for (const auto& [name, value] : *variables) environment.set(name, value);
  return std::move(environment).take();
}

std::vector<std::string> variables_held_back(const VariableRules& rules) {
  const auto entries = own_variables();
  const auto secrets = secret_values(entries, rules);
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    const bool is_given =
        std::ranges::any_of(rules.given, [&](const auto& variable) { return variable.first == entry.first; });
    if (!is_given && entry.first != "PATH" && is_allowed(entry, rules) && could_be_secret(entry, secrets))
      names.emplace_back(entry.first);
  }
  std::ranges::sort(names);
  return names;
}

Variables variables_that_matter(std::string_view project, const VariableRules& rules) {
  Environment environment;
  for (const auto& [name, value] : passing(rules))
    if (changes_what_is_built(name, project)) environment.set(name, std::string(value));
  for (const auto& [name, value] : rules.given) environment.set(name, value);
  auto variables = std::move(environment).take();
  std::ranges::sort(variables);
  return variables;
}

std::vector<std::filesystem::path> folders_in(std::string_view value) {
  std::vector<std::filesystem::path> folders;
  for (const auto folder : split(value, ':'))
    if (folder.starts_with('/')) folders.emplace_back(folder);
  return folders;
}

}  // namespace pkg::builder
