#include "base/secrets.h"

#include <algorithm>
#include <iterator>

#include "base/os.h"
#include "base/text.h"

namespace pkg {
namespace {

// Words of names that hold credentials, whatever stands around them.
constexpr std::string_view kSecretWords[] = {"TOKEN",  "PASSWORD",   "PASSWD", "SECRET",  "CREDENTIAL",
                                             "APIKEY", "PASSPHRASE", "JWT",    "WEBHOOK", "CONNECTIONSTRING"};
// And those that do so as words of their own ("CARGO_KEY", not "KEYBOARD").
constexpr std::string_view kSecretParts[] = {"KEY", "KEYS",    "PASS", "PAT",    "PWD",     "CRED",  "CREDS",
                                             "DSN", "SSHPASS", "SAS",  "COOKIE", "COOKIES", "BEARER"};

// Credentials as their issuers document them: how they begin, and how many letters, digits, `_` and `-` follow at
// least.
struct Form {
  std::string_view beginning;
  std::size_t length;
};
constexpr Form kForms[] = {
    {"ghp_", 30},        {"gho_", 30},    {"ghu_", 30},      {"ghs_", 30},     {"ghr_", 30},   // GitHub
    {"github_pat_", 22}, {"glpat-", 20},  {"glcbt-", 20},    {"gldt-", 20},    {"glrt-", 20},  // and GitLab
    {"pypi-AgE", 30},    {"npm_", 36},    {"rubygems_", 40}, {"cio", 32},                      // package indexes
    {"AKIA", 16},        {"ASIA", 16},    {"AIza", 35},      {"ya29.", 20},    {"GOCSPX-", 20},
    {"hvs.", 20},        {"SG.", 20},  // clouds
    {"dop_v1_", 40},     {"doo_v1_", 40}, {"dckr_pat_", 20}, {"dapi", 32},     {"xoxb-", 10},
    {"xoxp-", 10},       {"xoxa-", 10},   {"xapp-", 10},     {"sk_live_", 16}, {"rk_live_", 16},
    {"sk-", 40},         {"hf_", 30},     {"eyJhbGci", 20}};
// And what stands around them; in small letters.
constexpr std::string_view kMarks[] = {
    "private key-----",       "_authtoken=",     "password=", "passwd=", "accountkey=", "accesskey=",
    "sharedaccesssignature=", "authorization: ", "bearer "};

std::size_t word_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && (is_ascii_alnum(text[length]) || text[length] == '_' || text[length] == '-')) ++length;
  return length;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// A path of an agent or a file, no credential itself.
bool names_a_place(std::string_view name) { return name == "SSH_AUTH_SOCK" || name == "XAUTHORITY"; }

bool is_installer_setting(std::string_view name) {
  return name.starts_with("PKG_") || name.starts_with("PIP_") || name.starts_with("UV_");
}

}  // namespace

bool sounds_secret(std::string_view name) {
  std::string loud = upper(name);
  // Neither who wrote something nor how a text is cut into words is a credential.
  for (const auto* harmless : {"TOKENIZER", "AUTHOR_", "AUTHORS"}) loud = replace_all(loud, harmless, "_");
  if (loud.ends_with("AUTHOR")) loud.resize(loud.size() - std::string_view("AUTHOR").size());
  if (loud.find("AUTH") != std::string::npos || loud.find("CONNECTION_STRING") != std::string::npos) return true;
  for (const auto word : kSecretWords)
    if (loud.find(word) != std::string::npos) return true;
  if (loud == "PWD") return false;  // where the shell stands
  for (const auto part : split(loud, '_'))
    if (std::ranges::find(kSecretParts, part) != std::end(kSecretParts)) return true;
  return false;
}

bool holds_credentials(std::string_view value, bool may_lack_scheme) {
  if (may_lack_scheme && value.substr(0, value.find_first_of("/?#")).find('@') != std::string_view::npos) return true;
  for (auto at = value.find("://"); at != std::string_view::npos; at = value.find("://", at + 3)) {
    const auto rest = value.substr(at + 3);
    if (rest.substr(0, rest.find_first_of("/?# \t,;\"'")).find('@') != std::string_view::npos) return true;
  }
  return false;
}

bool looks_secret(std::string_view value) {
  for (const auto& form : kForms) {
    for (auto at = value.find(form.beginning); at != std::string_view::npos; at = value.find(form.beginning, at + 1)) {
      if (at > 0 && is_ascii_alnum(value[at - 1])) continue;  // the middle of a word
      const auto rest = value.substr(at + form.beginning.size());
      if (word_length(rest) >= form.length) return true;
    }
  }
  const std::string quiet = to_ascii_lower(value);
  return std::ranges::any_of(kMarks, [&](std::string_view mark) { return quiet.find(mark) != std::string::npos; });
}

bool is_proxy_name(std::string_view name) { return upper(name).find("PROXY") != std::string::npos; }

Variables environment_without_secrets() {
  Variables variables;
  for (char** at = os::environment(); at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto equals = entry.find('=');
    if (equals == 0 || equals == std::string_view::npos) continue;
    const auto name = entry.substr(0, equals);
    const auto value = entry.substr(equals + 1);
    if (is_installer_setting(name) || holds_credentials(value, is_proxy_name(name))) continue;
    if (sounds_secret(name) && !names_a_place(name)) continue;
    variables.emplace_back(name, value);
  }
  return variables;
}

}  // namespace pkg
