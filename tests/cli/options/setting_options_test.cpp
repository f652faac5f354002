// Options and settings: the two tables know each other.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/fs.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "ops/project/project.h"
#include "ops/session/setting_table.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

// Options that no file and no variable gives: they say what this one command is about (what to install, where, what to
// print), or are another name of a setting.
const std::set<std::string> kNoSettings{"abi",
                                        "active",
                                        "algorithm",
                                        "all",
                                        "all-packages",
                                        "allow-existing",
                                        "allow-overwrite",
                                        "allow-sdists",
                                        "annotation-style",
                                        "app",
                                        "bare",
                                        "bin",
                                        "bounds",
                                        "branch",
                                        "build-backend",
                                        "bump",
                                        "check",
                                        "clear",
                                        "copies",
                                        "custom-compile-command",
                                        "depth",
                                        "description",
                                        "dev",
                                        "direct",
                                        "editable",
                                        "editor",
                                        "emit-find-links",
                                        "emit-index-url",
                                        "exact",
                                        "exclude",
                                        "exclude-editable",
                                        "exit-code",
                                        "explain",
                                        "extra",
                                        "files",
                                        "force",
                                        "format",
                                        "from",
                                        "global",
                                        "group",
                                        "gui-script",
                                        "hashes",
                                        "help",
                                        "implementation",
                                        "include-editable",
                                        "index",
                                        "inexact",
                                        "installed",
                                        "invert",
                                        "isolated",
                                        "json",
                                        "lib",
                                        "limit",
                                        "list",
                                        "local",
                                        "marker",
                                        "mend",
                                        "merge",
                                        "module",
                                        "name",
                                        "no-annotate",
                                        "no-dedupe",
                                        "no-emit-find-links",
                                        "no-emit-index-url",
                                        "no-emit-local",
                                        "no-emit-package",
                                        "no-emit-project",
                                        "no-emit-workspace",
                                        "no-hashes",
                                        "no-lock",
                                        "no-mirror-neutral",
                                        "no-pin-python",
                                        "no-project",
                                        "no-readme",
                                        "no-strip-extras",
                                        "no-verify",
                                        "no-workspace",
                                        "not-required",
                                        "only-dependencies",
                                        "only-deps",
                                        "only-dev",
                                        "only-group",
                                        "optional",
                                        "orphans",
                                        "outdated",
                                        "output",
                                        "output-file",
                                        "package",
                                        "password-stdin",
                                        "path",
                                        "paths",
                                        "pin-python",
                                        "platform",
                                        "prefix",
                                        "prerelease-package",
                                        "progress",
                                        "project",
                                        "prompt",
                                        "prune",
                                        "python",
                                        "python-platform",
                                        "python-version",
                                        "raw",
                                        "raw-sources",
                                        "relocatable",
                                        "remote",
                                        "remove",
                                        "report",
                                        "requirement",
                                        "requirements",
                                        "requirements-from-script",
                                        "rev",
                                        "reverse",
                                        "root",
                                        "script",
                                        "short",
                                        "show-extras",
                                        "show-paths",
                                        "show-python",
                                        "show-version-specifiers",
                                        "show-with",
                                        "site",
                                        "strip-extras",
                                        "system",
                                        "system-site-packages",
                                        "tag",
                                        "target",
                                        "token-stdin",
                                        "universal",
                                        "unsafe-package",
                                        "unused-for",
                                        "uptodate",
                                        "username",
                                        "vcs",
                                        "with",
                                        "with-editable",
                                        "with-executables-from",
                                        "with-requirements",
                                        "workspace",
                                        "yes"};

// What a command prints to standard output.
std::string printed(const cli::Command& command, const std::filesystem::path& file) {
  cli::flush();
  const int before = ::dup(STDOUT_FILENO);
  const int to = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  ::dup2(to, STDOUT_FILENO);
  const auto result = command.run({cat("pkg ", command.name), {"--help"}});
  cli::flush();
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ::close(to);
  REQUIRE_OK(result);
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// "--no-index" … of a help text, without dashes in front.
std::set<std::string> long_options(const std::string& help) {
  std::set<std::string> names;
  for (auto at = help.find("--"); at != std::string::npos; at = help.find("--", at)) {
    at += 2;
    const auto end = help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
    if (end > at) names.insert(help.substr(at, end - at));
  }
  names.erase("");
  return names;
}

std::set<std::string> options_of_all_verbs() {
  const test::TempDir folder;
  const test::ScopedEnv home("HOME", folder.path().c_str());
  const test::ScopedEnv config("XDG_CONFIG_HOME", folder.path().c_str());
  const test::ScopedEnv pip("PIP_CONFIG_FILE", "/dev/null");
  std::set<std::string> names;
  for (const auto& command : cli::commands()) names.merge(long_options(printed(command, folder / "help")));
  return names;
}

}  // namespace

TEST_CASE("every long option of every verb is a setting, or known to be none; and every setting is an option") {
  const auto options = options_of_all_verbs();
  REQUIRE(options.size() > 100);
  for (const auto& name : options) {
    const bool is_setting = ops::find_setting(name) != nullptr;
    CHECK_MESSAGE(is_setting != kNoSettings.contains(name), name);
  }
  for (const auto& setting : ops::command_line_settings())
    CHECK_MESSAGE(options.contains(std::string(setting.name)), setting.name);
  for (const auto& name : kNoSettings) CHECK_MESSAGE(options.contains(name), name);
}

TEST_CASE("every setting is declared from the table, and is the default of an option somewhere") {
  std::string sources;
  for (const char* folder : {"cli", "cli/options", "cli/commands", "cli/output"}) {
    const auto path = std::filesystem::path(PKG_SOURCE_DIR) / "src" / folder;
    const auto names = fs::list_dir(path);
    REQUIRE(names.ok());
    for (const auto& name : *names)
      if (name.ends_with(".cpp")) sources += *fs::read_file(path / name);
  }
  const auto count = [&](const std::string& text) {
    std::size_t found = 0;
    for (auto at = sources.find(text); at != std::string::npos; at = sources.find(text, at + 1)) ++found;
    return found;
  };
  for (const auto& setting : ops::command_line_settings()) {
    CAPTURE(setting.name);
    const auto declared = count(cat("parser.setting(\"", setting.name, '"'));
    CHECK(declared >= 1);
    CHECK(count(cat('"', setting.name, '"')) > declared);  // besides, where it is taken from the settings
  }
}

TEST_CASE("the table's rows are whole") {
  for (const auto& setting : ops::command_line_settings()) {
    CAPTURE(setting.name);
    const auto names = ops::names_of(setting);
    CHECK(std::ranges::find(names, setting.name) != names.end());
    CHECK(!setting.help.empty());
    const bool takes_value = setting.kind != ops::SettingKind::flag && setting.kind != ops::SettingKind::count;
    CHECK(takes_value == !setting.words.empty());
    for (const auto name : names) CHECK(ops::find_setting(name) == &setting);
    if (setting.kind == ops::SettingKind::choice && !setting.usual.empty())
      CHECK(!ops::fault_of_value(setting, setting.usual));
  }
}

TEST_CASE("[tool.pkg] takes every setting of the command line") {
  for (const auto& setting : ops::command_line_settings()) {
    const auto pyproject = pep::Pyproject::parse(cat("[tool.pkg]\n", setting.name, " = \"x\"\n"), "pyproject.toml");
    REQUIRE_OK(pyproject);
    // Looked at by readers of their own.
    if (setting.name.starts_with("config-settings") || setting.name == "fork-strategy") continue;
    CHECK_MESSAGE(ops::parse_project_settings(*pyproject, "pyproject.toml").ok(), setting.name);
  }
  for (const auto* name : {"src", "dest", "wheel-dir", "no-warn-script-location"})
    CHECK_MESSAGE(ops::find_setting(name) != nullptr, name);
}

TEST_CASE("help has options as they are typed") {
  bool hashes = true;
  cli::OptionParser parser({"pkg export", {}}, "Export.", "pkg export");
  parser.flag("--hashes,!--no-hashes", hashes, "With hashes");
  const auto page = parser.help();
  REQUIRE(!page.groups.empty());
  for (const auto& group : page.groups) {
    if (group.title == "Options") CHECK(group.entries.front().name == "--hashes, --no-hashes");
  }
  CHECK(cli::help_text(page, 80).find('{') == std::string::npos);
}
