#pragma once
// The settings: command-line options that may stand in pip's files, PIP_* and PKG_* variables, pkg.toml and [tool.pkg],
// too. One row each: the parser declares options from it (cli/options), settings are checked with it (cli/config), and
// docs/reference/settings.md is made of it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::ops {

// What a checkout's files may say of a setting, which are anybody's word until the user trusts the project
// (ops/session/trusted_projects.h, docs/reference/project.md#trust). The classes differ by what a wrong value would
// cost its user; what does not count is ignored, and a note names it.
enum class ProjectMay : std::uint8_t {
  // What the project is about: which indexes, releases and files it is resolved with, and how. A wrong value spoils
  // this
  // project alone. It always counts, before the user's files; variables and options go before it.
  set,
  // It forbids something (an index, builds, the network), so that it cannot hurt; but a user who says this setting or
  // its `opposite` knows the machine better. It counts where no file or variable of the user says either; in a trusted
  // project as `set` does.
  set_where_unsaid,
  // Whom to believe, what is checked, what runs, or where outside the project something is written: a wrong value costs
  // the user's credentials or machine. It counts in a trusted project only.
  not_set,
  // What all of the user's projects rest on: the remote cache, and where pkg itself is updated from. No project may say
  // it, trusted or not.
  never,
};

enum class SettingKind : std::uint8_t {
  flag,
  count,  // how often the flag is given: a number, or true for once
  text,
  choice,   // one of `words`
  integer,  // zero or more
  seconds,  // more than zero
  list,     // may be given several times; in files and variables separated by white space
  lines,    // the same, one value a line: values may hold spaces
};

struct CommandLineSetting {
  std::string_view name;  // "index-url": the key in files; PKG_INDEX_URL
  SettingKind kind = SettingKind::flag;
  std::string_view flags;  // as the parser takes them, "-i,--index-url,--default-index"; each long one is another name
  std::string_view words;  // of a choice: "a|b"; otherwise what stands for a value in help texts
  std::string_view help;
  std::string_view usual;  // what counts when nobody says anything; empty: off, none
  ProjectMay project_may = ProjectMay::set;
  std::string_view opposite;  // set_where_unsaid: it does not count either where the user's own settings say this one
};

std::span<const CommandLineSetting> command_line_settings();
// By its name or another of its long flags, without dashes in front; nullptr: there is none.
const CommandLineSetting* find_setting(std::string_view name);
// Calls `visit` with each long flag without dashes, `name` among them; not with what turns the setting off
// ("no-annotate"). Nothing is allocated: every command looks at all of them.
template <class Visit>
void each_name(const CommandLineSetting& setting, const Visit& visit) {
  for (auto rest = setting.flags; !rest.empty();) {
    const auto end = rest.find(',');
    const auto flag = rest.substr(0, end);
    if (flag.starts_with("--")) visit(flag.substr(2));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
}
std::vector<std::string_view> names_of(const CommandLineSetting& setting);  // the same as a list
// Of a choice.
std::vector<std::string_view> choices_of(const CommandLineSetting& setting);

// What is wrong with a value, as the rest of a sentence: "is `maybe`, expected true or false"; nullopt: nothing.
std::optional<std::string> fault_of_value(const CommandLineSetting& setting, std::string_view value);
// "1", "true", "yes", "on", "y", "t" and their opposites, in any case; nullopt: something else.
std::optional<bool> parse_truth(std::string_view text);

}  // namespace pkg::ops
