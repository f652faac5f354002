#include "index/http/keyring.h"

#include <utility>

#include "base/foreign_tool.h"
#include "base/process.h"
#include "base/text.h"

namespace pkg::index {
namespace {

constexpr double kTimeoutSeconds = 60;
constexpr std::size_t kLongestAnswer = 64u << 10;
constexpr const char* kGetBoth = "get user and password";

// What keyring's back ends ask: those of desktops, clouds and package services, which have their own log-ins there.
Variables child_environment() {
  return process::tool_environment({"KEYRING_*", "PYTHON_KEYRING_BACKEND", "PYTHONUTF8", "KDE_*", "DESKTOP_SESSION",
                                    "GNOME_KEYRING_*", "AWS_*", "AZURE_*", "ARTIFACTS_*", "VSS_*", "DOTNET_*", "MSAL_*",
                                    "CLOUDSDK_*", "GOOGLE_APPLICATION_CREDENTIALS", "OP_*", "BW_SESSION"});
}

// Without the end of its last line.
std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool Keyring::is_there() { return process::find_program("keyring").has_value(); }

Result<std::string> Keyring::run(const std::string& verb, const std::vector<std::string>& words,
                                 const std::string& input) const {
  for (const auto& word : words) PKG_TRY(process::check_argument(word, "a word for the keyring program,"));
  process::Command command;
  command.argv = {"keyring"};
  if (verb == kGetBoth) command.argv.insert(command.argv.end(), {"--mode", "creds"});
  command.argv.push_back(verb == kGetBoth ? "get" : verb);
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.environment = child_environment();
  command.directory = "/";  // a Python program may look for modules where it runs
  command.input = input;
  command.timeout_s = kTimeoutSeconds;
  command.output_limit_bytes = kLongestAnswer;
  command.is_cancelled = is_cancelled_;
  PKG_TRY_ASSIGN(auto output, process::run(command));
  if (output.timed_out) return make_error(ErrorKind::io, "the keyring program did not answer within a minute");
  if (output.exit_code != 0) {
    // The last line says it; a traceback stands above.
    const auto lines = split_lines(trim(output.err));
    return make_error(ErrorKind::io,
                      cat("the keyring program ended with status ", output.exit_code, lines.empty() ? "" : ": ",
                          lines.empty() ? std::string_view() : trim(lines.back())));
  }
  return std::move(output.out);
}

std::optional<KeyringAnswer> Keyring::get(const std::vector<std::string>& services, const std::string& user) const {
  for (const auto& service : services) {
    if (is_cancelled_ && is_cancelled_()) return std::nullopt;
    if (!user.empty()) {
      if (const auto out = run("get", {service, user}, {}); out && !without_newline(*out).empty())
        return KeyringAnswer{user, std::string(without_newline(*out))};
      continue;
    }
    // Newer programs tell the user name too: two lines.
    if (const auto out = run(kGetBoth, {service}, {}))
      if (auto answer = parse_keyring_answer(*out)) return answer;
    if (const auto out = run("get", {service, "__token__"}, {}); out && !without_newline(*out).empty())
      return KeyringAnswer{"__token__", std::string(without_newline(*out))};
  }
  return std::nullopt;
}

Status Keyring::set(const std::string& service, const std::string& user, const std::string& password) const {
  PKG_TRY(run("set", {service, user}, password));
  return ok_status();
}

Status Keyring::forget(const std::string& service, const std::string& user) const {
  PKG_TRY(run("del", {service, user}, {}));
  return ok_status();
}

std::optional<KeyringAnswer> parse_keyring_answer(std::string_view output) {
  const auto lines = split_lines(output);
  if (lines.size() < 2 || lines[1].empty()) return std::nullopt;
  return KeyringAnswer{std::string(lines[0]), std::string(lines[1])};
}

std::string keyring_service(const std::string& origin) {
  std::string_view text = origin;
  if (!text.starts_with("https://")) return origin;
  text.remove_prefix(8);
  if (text.ends_with(":443")) text.remove_suffix(4);
  return std::string(text);
}

}  // namespace pkg::index
