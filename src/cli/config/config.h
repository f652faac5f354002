#pragma once
// Settings: defaults < pip's files < PIP_* < pkg.toml (user, then [tool.pkg] of the project) < PKG_* < flags. Remembers
// which won, and what a project may not say.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "cli/config/ini.h"
#include "index/settings.h"
#include "ops/session/dependency_metadata.h"
#include "ops/session/setting_table.h"

namespace pkg::cli {

// One setting as it was found. Keys are option names without dashes in front: "index-url".
struct Setting {
  std::string key;
  std::vector<std::string> values;  // several for options that may be repeated
  std::string source;               // "/etc/pip.conf [global]", "PIP_INDEX_URL"
  bool is_of_project = false;       // of a project that the user does not trust
};

// A file that was looked for, for `pkg config debug`.
struct ConfigFile {
  std::string kind;  // "global", "user", "site", "PIP_CONFIG_FILE", "pkg.toml", "project"
  std::filesystem::path path;
  bool exists = false;
};

class Config {
 public:
  enum class UserFiles : std::uint8_t { read, ignored };
  // `working_folder`: where a project is looked for; empty: none has a say.
  // `command`: the verb, whose own section of pip's files wins over [global]. `environment`: getenv, or a fake of
  // tests. `system_file`: pip's file for the whole machine. `users`: the files of the user and of the active
  // environment. bad_data with file and line: malformed, or an index that is none · io, not_found: a file that is
  // there, or links to nothing, cannot be read.
  static Result<Config> load(std::string_view command, const std::filesystem::path& working_folder,
                             const std::function<const char*(const char*)>& environment,
                             const std::filesystem::path& system_file, UserFiles users = UserFiles::read);

  // The setting that wins; nullptr: none.
  const Setting* find(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;
  bool flag(std::string_view key) const;                         // false when absent
  const std::vector<Setting>& all() const { return settings_; }  // in order of precedence, weakest first
  const std::vector<ConfigFile>& files() const { return files_; }
  // Indexes of settings files ([[index]] name, url, explicit, default): the project's before the user's.
  struct NamedIndex {
    std::string name, url;
    bool is_explicit = false;
    bool is_default = false;     // asked last, in place of the built-in one
    bool is_of_project = false;  // of a project that the user does not trust
    index::IndexRules rules = {};
  };
  const std::vector<NamedIndex>& indexes() const { return indexes_; }

  // [[dependency-metadata]]: the project's before the user's.
  const std::vector<ops::DependencyMetadata>& dependency_metadata() const { return dependency_metadata_; }

  // What the project may not say (ops/session/setting_table.h) as long as the user does not trust it, and one line
  // about it; empty: nothing.
  const std::vector<Setting>& ignored() const { return ignored_; }
  std::string ignored_note() const;

  // The project that settings came from, for `pkg config trust`. No place: there is none, or it has no [tool.pkg].
  struct ProjectTrust {
    std::filesystem::path place;
    std::string file;
    std::vector<std::string> keys;  // that need trust, and "index NAME"
    std::string digest;             // of what they say now
    bool is_trusted = false;
  };
  const ProjectTrust& project() const { return project_; }

  // Wrong values and unknown keys, in the order they were met. usage: the message names the file and line, or the
  // variable. They are errors of every verb but those that look at or mend settings.
  const std::vector<Error>& faults() const { return faults_; }

 private:
  Status read_pip_file(const std::filesystem::path& path, std::string_view command);
  Status read_pkg_toml(const std::filesystem::path& path);
  Status read_project(const std::filesystem::path& path, const std::function<const char*(const char*)>& environment);
  Status read_table(const toml::Value& table, const std::filesystem::path& path, std::vector<Setting>& settings,
                    std::vector<NamedIndex>& indexes);
  void read_remote_cache(const toml::Value& table, const std::filesystem::path& path, std::vector<Setting>& settings);
  void read_dependency_metadata(const toml::Value& table, const std::string& key, const std::filesystem::path& path);
  void take_variable(const ops::CommandLineSetting& setting, const std::string& name, const char* value);
  void check(const Setting& setting, const std::string& place);
  void add_fault(const std::string& place, std::string message);
  void ask_trust(const std::filesystem::path& path, const std::vector<Setting>& settings,
                 const std::vector<NamedIndex>& indexes, const std::vector<Setting>& variables,
                 const std::function<const char*(const char*)>& environment);
  void take_what_counts(std::vector<Setting> settings);
  bool is_said(std::string_view key) const { return !key.empty() && find(key) != nullptr; }
  void read_environment(std::string_view prefix, const std::function<const char*(const char*)>& environment);

  std::vector<Setting> settings_, ignored_;
  std::vector<ConfigFile> files_;
  std::vector<NamedIndex> indexes_;
  std::vector<ops::DependencyMetadata> dependency_metadata_;
  ProjectTrust project_;
  std::vector<Error> faults_;
};

// pip's per-user file, which `pkg config set` writes.
std::filesystem::path user_pip_file(const std::function<const char*(const char*)>& environment);

}  // namespace pkg::cli
