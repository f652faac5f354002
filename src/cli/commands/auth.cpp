#include "ops/session/auth.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/secret_input.h"

namespace pkg::cli {
namespace {

struct AuthFlags {
  std::string action, url, user, provider = "disabled";
  bool password_stdin = false, token_stdin = false;
};

Result<int> login(const AuthFlags& flags) {
  ops::NewLogin given{flags.url, flags.user, {}};
  const bool has_user = !given.user.empty() || !ops::user_in(given.url).empty();
  if (!has_user && !flags.token_stdin)
    return make_error(ErrorKind::usage, "`pkg auth login` needs to know who",
                      "--username NAME, or --token-stdin for a token");
  if (flags.password_stdin && flags.token_stdin)
    return make_error(ErrorKind::usage, "--password-stdin and --token-stdin read the same line", "give one of them");
  PKG_TRY_ASSIGN(given.password,
                 read_secret(flags.token_stdin ? "token" : "password", flags.password_stdin || flags.token_stdin));
  if (given.password.empty()) return make_error(ErrorKind::usage, "standard input has no password in its first line");
  const auto provider =
      flags.provider == "subprocess" ? index::KeyringProvider::subprocess : index::KeyringProvider::disabled;
  PKG_TRY_ASSIGN(const auto kept, ops::keep_login(given, provider));
  err("Kept the login of ", quote(kept.user), " for ", kept.origin, kept.in_keyring ? " in the keyring" : "", "\n");
  return 0;
}

Result<int> logout(const AuthFlags& flags) {
  PKG_TRY_ASSIGN(const auto gone, ops::forget_login(flags.url));
  err("Forgot the login of ", quote(gone.user), " for ", gone.origin, "\n");
  return 0;
}

Result<int> list(bool as_json) {
  PKG_TRY_ASSIGN(const auto logins, ops::kept_logins());
  auto value = result_json("auth list");
  value["logins"] = json::Json::array();
  for (const auto& login : logins) {
    if (as_json)
      value["logins"].push_back({{"origin", login.origin}, {"username", login.user}, {"keyring", login.in_keyring}});
    else
      out(login.origin, "  ", login.user, login.in_keyring ? "  (keyring)" : "", "\n");
  }
  if (as_json) out_json(value);
  return 0;
}

}  // namespace

Result<int> auth_command(const Invocation& invocation) {
  GlobalOptions global;
  AuthFlags flags;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  if (const auto provider = config.text("keyring-provider")) flags.provider = *provider;
  OptionParser parser(invocation,
                      "Keep a login for an index, per scheme, host and port, forget it, or list those that are kept. "
                      "Passwords and tokens "
                      "are read from standard input.",
                      "pkg auth login https://index.example --username me --password-stdin < password.txt");
  parser.positional("login|logout|list", flags.action, "What to do", true);
  parser.positional("URL", flags.url, "Which index: its address or host");
  parser.text("-u,--username", flags.user, "Log in as this user (__token__ with --token-stdin)", "NAME");
  parser.flag("--password-stdin", flags.password_stdin, "Read the password from the first line of standard input");
  parser.flag("--token-stdin", flags.token_stdin, "Read a token from the first line of standard input");
  parser.setting("keyring-provider", flags.provider,
                 "Let the keyring program keep the login, with `subprocess`, instead of a file");
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (flags.action == "list") return list(global.json);
  if (flags.action != "login" && flags.action != "logout")
    return make_error(ErrorKind::usage, cat("`pkg auth` has no action ", quote(flags.action)), "login, logout or list");
  if (flags.url.empty())
    return make_error(ErrorKind::usage, cat("`pkg auth ", flags.action, "` needs a URL"),
                      "as in https://index.example");
  return flags.action == "login" ? login(flags) : logout(flags);
}

}  // namespace pkg::cli
