#include "cli/cli.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/guard.h"
#include "base/text.h"
#include "base/thrown.h"
#include "builder/sandbox.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/help_layout.h"
#include "cli/output/output.h"
#include "cli/output/render_error.h"
#include "cli/verb_words.h"
#include "ops/session/setting_table.h"

namespace pkg::cli {
namespace {

void print_help() {
  std::vector<HelpEntry> verbs;
  for (const auto& command : commands()) verbs.push_back({std::string(command.name), std::string(command.summary)});
  out("pkg: install Python packages, make environments, lock them\n\nUsage: pkg VERB [OPTIONS] [WORDS]\n\nVerbs:\n",
      Text::lines(entries_text(verbs, kVerbColumn, help_width())),
      "\n`pkg VERB --help` shows the options of a verb.\nExample: pkg install numpy\n");
}

// Whatever umask it was started with, pkg makes nothing that everybody may write to.
mode_t narrow_umask() {
  const mode_t before = ::umask(077);
  ::umask(before | S_IWOTH);
  return before;
}

// `rest`: what follows it.
Error unknown_verb(const std::string& verb, std::span<const std::string> rest) {
  if (const auto advice = advice_on_verb(verb))
    return make_error(ErrorKind::usage, cat("pkg has no verb ", quote(verb)), std::string(*advice));
  std::vector<std::string> names;
  for (const auto& command : commands()) names.emplace_back(command.name);
  const auto told = [&](std::string hint) {
    return make_error(ErrorKind::usage, cat("pkg has no verb ", quote(verb)), std::move(hint));
  };
  if (const auto close = nearest(verb, names)) return told(cat("did you mean ", quote(*close), "?"));
  const auto later = std::ranges::find_first_of(rest, names);
  return told(later == rest.end() ? std::string("see `pkg --help`")
                                  : cat("the verb comes first: `pkg ", *later, " …`"));
}

// Options with a value that may stand before the verb, besides the settings that have one.
constexpr auto kWithValue =
    std::to_array<std::string_view>({"--project", "--python", "-p", "--progress", "--target", "-t", "--prefix",
                                     "--root", "--index", "--from", "--with"});

bool takes_value(std::string_view word) {
  if (word.find('=') != std::string_view::npos) return false;
  if (std::ranges::find(kWithValue, word) != kWithValue.end()) return true;
  const auto is_it = [&](const ops::CommandLineSetting& setting) {
    const auto flags = split(setting.flags, ',');
    return std::ranges::find(flags, word) != flags.end();
  };
  const auto settings = ops::command_line_settings();
  const auto found = std::ranges::find_if(settings, is_it);
  return found != settings.end() && found->kind != ops::SettingKind::flag && found->kind != ops::SettingKind::count;
}

// `pkg -q --python 3.12 install x` is `pkg install -q --python 3.12 x`.
std::vector<std::string> take_words_before_verb(std::vector<std::string>& words) {
  std::size_t count = 0;
  while (count < words.size() && words[count].starts_with('-')) count += takes_value(words[count]) ? 2 : 1;
  count = std::min(count, words.size());
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string> before(words.begin(), end);
  words.erase(words.begin(), end);
  return before;
}

Result<int> dispatch(std::vector<std::string> words, const Start& start) {
  const auto before = take_words_before_verb(words);
  for (const auto& word : before) {
    if (word == "--version" || word == "-V") {
      out("pkg " PKG_VERSION "\n");
      return 0;
    }
    if (words.empty() && (word == "--help" || word == "-h")) {
      print_help();
      return 0;
    }
  }
  if (words.empty()) {
    if (!before.empty())
      return make_error(ErrorKind::usage, cat("no verb after ", quote(before.front())), "see `pkg --help`");
    print_help();
    return 2;
  }
  auto verb = words.front();
  words.erase(words.begin());
  if (verb == "help") {
    if (words.empty()) {
      print_help();
      return 0;
    }
    verb = words.front();
    words = {"--help"};
  }
  const auto* command = find_command(verb);
  if (command == nullptr) return unknown_verb(verb, words);
  words.insert(words.begin(), before.begin(), before.end());
  return command->run({cat("pkg ", verb), std::move(words), start});
}

Result<int> dispatch_guarded(const std::vector<std::string>& words, const Start& start) {
  Result<int> result = 1;
  run_guarded([&] { result = dispatch(words, start); }, [&](Error error) { result = std::move(error); });
  return result;
}

// What a report of a mistake of ours has to say: the version, and the verb without words that may be secrets.
Error with_command(Error error, const std::vector<std::string>& words) {
  if (error.kind != ErrorKind::internal) return error;
  const auto verb = std::ranges::find_if(words, [](const std::string& word) { return find_command(word) != nullptr; });
  return std::move(error).with(verb == words.end() ? std::string("in pkg " PKG_VERSION)
                                                   : cat("in `pkg ", *verb, "` of pkg " PKG_VERSION));
}

// What is thrown where nobody waits for an error (a library's thread, a clean-up): the same line, without the clean-up.
[[noreturn]] void on_terminate() {
  std::string text = "error: pkg met something unexpected\n";
  try {
    if (const auto thrown = std::current_exception()) text = render_error(thrown_error(thrown)).str();
  } catch (...) {
    // No memory for the better words.
  }
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(1);
}

// The short name of `pkg tool run`: a link to this program.
bool is_pkgx(std::string_view program) { return program.substr(program.rfind('/') + 1) == "pkgx"; }

std::vector<std::string> words_of_pkgx(std::vector<std::string> words) {
  if (!words.empty() && (words.front() == "--version" || words.front() == "-V")) return {"--version"};
  words.insert(words.begin(), {"tool", "run"});
  return words;
}

}  // namespace

int run(int argc, char** argv) {
  std::set_terminate(on_terminate);
  process::run_if_guard(argc, argv, builder::make_confiner);
  catch_signals();
  const mode_t user_mask = narrow_umask();
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (argc > 0 && is_pkgx(argv[0])) words = words_of_pkgx(std::move(words));
  return run_words(words, {.user_mask = user_mask});
}

namespace {

Derivation asked_derivation(const std::vector<std::string>& words) {
  const auto asks = [](const std::string& word) { return word == "--verbose" || word == "-v" || word == "-vv"; };
  return std::ranges::any_of(words, asks) ? Derivation::whole : Derivation::folded;
}

// Whether a verb was asked for JSON, and which: the words of the program that `run` starts are not ours.
std::optional<std::string> verb_with_json(std::vector<std::string> words) {
  const auto before = take_words_before_verb(words);
  if (words.empty() || find_command(words.front()) == nullptr) return std::nullopt;
  const auto is_json = [](const std::string& word) { return word == "--json"; };
  bool asks = std::ranges::any_of(before, is_json);
  const bool is_tool_run = words.front() == "tool" && words.size() > 1 && words[1] == "run";
  const bool runs = words.front() == "run" || is_tool_run;
  for (std::size_t i = is_tool_run ? 2 : 1; i < words.size() && words[i] != "--"; i += takes_value(words[i]) ? 2 : 1) {
    if (runs && (words[i] == "-" || !words[i].starts_with('-'))) break;
    asks = asks || is_json(words[i]);
  }
  if (!asks) return std::nullopt;
  return words.front();
}

}  // namespace

int run_words(const std::vector<std::string>& words, const Start& start) {
  set_color("auto");  // until the command knows better
  const auto result = dispatch_guarded(words, start);
  if (!result) {
    auto error = with_working_folder(with_command(result.error(), words));
    if (interruption().is_cancelled()) error.kind = ErrorKind::interrupted;
    if (const auto verb = verb_with_json(words)) out_json(error_json(error, *verb));
    flush();
    err(render_error(error, asked_derivation(words)));
    return exit_code(error.kind);
  }
  if (!flush()) return 1;
  return *result;
}

}  // namespace pkg::cli
