#include "base/secrets.h"

#include <unistd.h>

#include "base/text.h"

namespace pkg {
namespace {

// Words of names that hold credentials, whatever their beginning; KEY and KEYS as words of their own ("CARGO_KEY", not
// "KEYBOARD").
constexpr std::string_view kSecretWords[] = {"TOKEN",      "PASSWORD", "PASSWD", "SECRET",
                                             "CREDENTIAL", "AUTH",     "APIKEY", "PASSPHRASE"};

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
  const std::string loud = upper(name);
  for (const auto word : kSecretWords)
    if (loud.find(word) != std::string::npos) return true;
  for (const auto part : split(loud, '_'))
    if (part == "KEY" || part == "KEYS") return true;
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

bool is_proxy_name(std::string_view name) { return upper(name).find("PROXY") != std::string::npos; }

Variables environment_without_secrets() {
  Variables variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
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
