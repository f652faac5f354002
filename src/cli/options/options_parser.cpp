// OptionParser: the only place that knows CLI11.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "cli/options/help_layout.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "ops/session/setting_table.h"

namespace pkg::cli {
namespace {

// The group of what belongs to a verb alone, which comes first, and the one that every verb has, which comes last.
constexpr std::string_view kOwn = "Options", kEverywhere = "Everywhere";

bool takes_several(const CLI::Option& option) {
  return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

// "-p, --python PATH|VERSION". CLI11 tells what a flag like "!--no-hashes" stands for behind its name.
HelpEntry help_entry(const CLI::Option& option) {
  if (option.get_positional())
    return {cat(option.get_name(true, false), takes_several(option) ? "..." : ""), option.get_description()};
  auto name = replace_all(replace_all(option.get_name(false, true), "{false}", ""), ",", ", ");
  if (option.get_type_size() != 0 && !option.get_type_name().empty()) append(name, " ", option.get_type_name());
  return {std::move(name), option.get_description()};
}

std::string usage_of(const CLI::Option& positional) {
  const auto name = help_entry(positional).name;
  return positional.get_required() ? name : cat("[", name, "]");
}

const ops::CommandLineSetting& setting_named(std::string_view name) {
  const auto* setting = ops::find_setting(name);
  PKG_CHECK(setting != nullptr);
  return *setting;
}

constexpr auto kAccepted = std::to_array<AcceptedOption>({
    {"-y,--yes", false, "verbs that ask have it"},
    {"--no-input", false, "verbs that ask have it"},
    {"--disable-pip-version-check", false, "there is no such check"},
    {"--no-python-version-warning", false, "there is no such warning"},
    {"--root-user-action", true, "root is not warned"},
    {"--no-clean", false, "pkg names what a failed build says, and keeps nothing of it"},
    {"--use-pep517", false, "every build is one"},
    {"--exists-action", true, "a checkout of pkg's own is used again, another one is never touched"},
    {"--use-feature", true, "pip's trials are no trials here"},
    {"--use-deprecated", true, "what pip gave up is not here"},
    {"--debug", false, "errors say what they know"},
});

bool is_about_questions(std::string_view word) { return word == "--yes" || word == "--no-input"; }

// Takes options that change nothing out of `words`. For the parser each one costs as much as an option that does
// something. `has_rest`: what follows the first word without a dash is of another program. `asks`: the verb asks, and
// has options about that.
void drop_accepted(std::vector<std::string>& words, bool has_rest, bool asks) {
  const auto find = [](std::string_view word) {
    return std::ranges::find_if(kAccepted, [&](const AcceptedOption& option) {
      return option.flags.starts_with("--") && word.substr(0, word.find('=')) == option.flags;
    });
  };
  for (std::size_t i = 0; i < words.size();) {
    if (words[i] == "--" || (has_rest && (words[i] == "-" || !words[i].starts_with('-')))) return;
    const auto option = words[i].starts_with("--") ? find(words[i]) : kAccepted.end();
    if (option == kAccepted.end() || (asks && is_about_questions(words[i]))) {
      ++i;
      continue;
    }
    const bool has_value_behind = option->takes_value && words[i].find('=') == std::string::npos;
    const auto count = std::min<std::size_t>(has_value_behind ? 2 : 1, words.size() - i);
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(i);
    words.erase(first, first + static_cast<std::ptrdiff_t>(count));
  }
}

std::string help_of(const ops::CommandLineSetting& setting, std::string_view help) {
  return std::string(help.empty() ? setting.help : help);
}

// No option takes a number below zero.
std::string not_negative(const std::string& text) {
  return text.starts_with('-') ? cat("expected 0 or more, found ", quote(text)) : std::string();
}

}  // namespace

struct OptionParser::State {
  CLI::App app;
  std::string called_as, example, heading = std::string(kOwn);
  HelpEntry rest_entry;
  std::vector<std::string> words;
  std::vector<std::string>* rest = nullptr;

  explicit State(const std::string& description) : app(description) {}
  std::vector<std::string> names(bool with_hidden) const {
    std::vector<std::string> found;
    for (const auto* option : app.get_options()) {
      if (option->get_group().empty() && !with_hidden) continue;
      for (const auto& name : option->get_lnames()) found.push_back("--" + name);
    }
    return found;
  }
  bool has(const std::string& name) const { return app.get_option_no_throw(name) != nullptr; }
  CLI::Option* placed(CLI::Option* option) const { return option->group(heading); }
};

std::span<const AcceptedOption> accepted_options() { return kAccepted; }

OptionParser::OptionParser(const Invocation& invocation, std::string description, std::string example)
    : state_(std::make_unique<State>(description)) {
  state_->called_as = invocation.called_as;
  state_->words = invocation.words;
  state_->example = std::move(example);
  state_->app.name(invocation.called_as);
  state_->app.set_help_flag("-h,--help", "Print this help and exit");
  state_->app.get_help_ptr()->group(std::string(kEverywhere));
  state_->app.allow_windows_style_options(false);
}

OptionParser::~OptionParser() = default;

void OptionParser::text(const std::string& names, std::string& value, const std::string& help,
                        const std::string& placeholder) {
  state_->placed(state_->app.add_option(names, value, help))
      ->type_name(placeholder)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}
void OptionParser::number(const std::string& names, double& value, const std::string& help) {
  state_->placed(state_->app.add_option(names, value, help))
      ->type_name("SECONDS")
      ->check(not_negative)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}
void OptionParser::integer(const std::string& names, int& value, const std::string& help) {
  state_->placed(state_->app.add_option(names, value, help))
      ->type_name("N")
      ->check(not_negative)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}
void OptionParser::list(const std::string& names, std::vector<std::string>& values, const std::string& help,
                        const std::string& placeholder) {
  // What the settings gave stays; each use adds one.
  const auto append_one = [&values](const std::vector<std::string>& given) {
    values.insert(values.end(), given.begin(), given.end());
    return true;
  };
  state_->placed(state_->app.add_option(names, append_one, help))
      ->type_name(placeholder)
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}
void OptionParser::flag(const std::string& names, bool& value, const std::string& help) {
  state_->placed(state_->app.add_flag(names, value, help));
}
void OptionParser::count(const std::string& names, int& value, const std::string& help) {
  const auto add = [&value](std::int64_t times) { value = static_cast<int>(times); };
  state_->placed(state_->app.add_flag_function(names, add, help));
}
void OptionParser::accept_yes() {  // it may stand among other letters, "-qy"
  if (state_->has("-y")) return;
  state_->app.add_flag_function("-y,--yes", [](std::int64_t) {})->group("");
}
void OptionParser::choice(const std::string& names, std::string& value, const std::vector<std::string>& choices,
                          const std::string& help) {
  state_->placed(state_->app.add_option(names, value, help))
      ->type_name(join(choices, "|"))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->check([choices](const std::string& given) {
        if (std::ranges::find(choices, given) != choices.end()) return std::string();
        return cat(quote(given), " is not one of ", join(choices, ", "));
      });
}
void OptionParser::setting(std::string_view name, bool& value, std::string_view help) {
  const auto& row = setting_named(name);
  flag(std::string(row.flags), value, help_of(row, help));
}
void OptionParser::setting(std::string_view name, std::string& value, std::string_view help) {
  const auto& row = setting_named(name);
  if (row.kind != ops::SettingKind::choice)
    return text(std::string(row.flags), value, help_of(row, help), std::string(row.words));
  std::vector<std::string> choices;
  for (const auto word : ops::choices_of(row)) choices.emplace_back(word);
  choice(std::string(row.flags), value, choices, help_of(row, help));
}
void OptionParser::setting(std::string_view name, std::vector<std::string>& values, std::string_view help) {
  const auto& row = setting_named(name);
  list(std::string(row.flags), values, help_of(row, help), std::string(row.words));
}
void OptionParser::setting(std::string_view name, double& value, std::string_view help) {
  const auto& row = setting_named(name);
  number(std::string(row.flags), value, help_of(row, help));
}
void OptionParser::setting(std::string_view name, int& value, std::string_view help) {
  const auto& row = setting_named(name);
  if (row.kind == ops::SettingKind::count)
    count(std::string(row.flags), value, help_of(row, help));
  else
    integer(std::string(row.flags), value, help_of(row, help));
}

void OptionParser::positional(const std::string& name, std::string& value, const std::string& help, bool required) {
  auto* option = state_->app.add_option(name, value, help)->type_name("");
  if (required) option->required();
}
void OptionParser::positionals(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  state_->app.add_option(name, values, help)->type_name("");
}
void OptionParser::rest(const std::string& name, std::vector<std::string>& words, const std::string& help) {
  state_->rest = &words;
  state_->rest_entry = {cat(name, " [ARGUMENT...]"), help};
  state_->app.prefix_command();
}
void OptionParser::group(const std::string& title) { state_->heading = title; }

std::vector<std::string> OptionParser::option_names() const { return state_->names(false); }

namespace {

// The first word that is an option nobody declared, for "did you mean".
std::string unknown_option(const std::vector<std::string>& words, const std::vector<std::string>& known) {
  for (const auto& word : words) {
    if (word == "--") break;
    const auto name = word.substr(0, word.find('='));
    if (name.starts_with("--") && std::ranges::find(known, name) == known.end()) return name;
  }
  return {};
}

}  // namespace

// What CLI11 did not take: an unknown option there stands before the command.
Status OptionParser::take_rest() {
  auto words = state_->app.remaining();
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  } else if (!words.empty() && words.front().starts_with('-') && words.front() != "-") {
    const auto close = nearest(words.front(), option_names());
    return make_error(
        ErrorKind::usage, cat(quote(state_->called_as), " has no option ", quote(words.front())),
        close ? cat("did you mean ", *close, "?") : cat("options of the command itself follow it, or `--`"));
  }
  *state_->rest = std::move(words);
  return ok_status();
}

HelpPage OptionParser::help() const {
  HelpPage page{state_->app.get_description(), cat(state_->called_as, " [OPTIONS]"), state_->example, {}};
  HelpGroup arguments{"Arguments", {}}, everywhere{std::string(kEverywhere), {}};
  auto& groups = page.groups;
  groups.push_back({std::string(kOwn), {}});
  for (const auto* option : state_->app.get_options()) {
    const auto& title = option->get_group();
    if (option->get_positional()) {
      append(page.usage, " ", usage_of(*option));
      arguments.entries.push_back(help_entry(*option));
    } else if (title == kEverywhere) {
      everywhere.entries.push_back(help_entry(*option));
    } else if (!title.empty()) {
      auto group = std::ranges::find(groups, title, &HelpGroup::title);
      if (group == groups.end()) group = groups.insert(group, {title, {}});
      group->entries.push_back(help_entry(*option));
    }
  }
  if (state_->rest != nullptr) {
    append(page.usage, " [", state_->rest_entry.name, "]");
    arguments.entries.push_back(state_->rest_entry);
  }
  groups.insert(groups.begin(), std::move(arguments));
  groups.push_back(std::move(everywhere));
  return page;
}

Result<bool> OptionParser::parse() {
  drop_accepted(state_->words, state_->rest != nullptr, state_->has("-y"));
  try {
    auto reversed = state_->words;
    std::ranges::reverse(reversed);
    state_->app.parse(std::move(reversed));
    if (state_->rest != nullptr) PKG_TRY(take_rest());
    return true;
  } catch (const CLI::CallForHelp&) {
    out_text(Text::lines(help_text(help(), help_width())));
    return false;
  } catch (const CLI::ParseError& error) {
    const auto known = state_->names(true);
    const auto unknown = unknown_option(state_->words, known);
    if (!unknown.empty()) {
      const auto close = nearest(unknown, known);
      return make_error(ErrorKind::usage, cat(quote(state_->called_as), " has no option ", quote(unknown)),
                        close ? cat("did you mean ", *close, "?") : cat("see `", state_->called_as, " --help`"));
    }
    return make_error(ErrorKind::usage, error.what(), cat("see `", state_->called_as, " --help`"));
  }
}

}  // namespace pkg::cli
