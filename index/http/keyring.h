#pragma once
// The `keyring` program (PyPI's keyring), as a child process: passwords go through its standard input and output, never
// through arguments.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::index {

struct KeyringAnswer {
  std::string user, password;
};

class Keyring {
 public:
  explicit Keyring(std::function<bool()> is_cancelled) : is_cancelled_(std::move(is_cancelled)) {}
  static bool is_there();  // the program, in PATH

  // The first of `services` with a password for `user`; without a user, whatever user it names.
  std::optional<KeyringAnswer> get(const std::vector<std::string>& services, const std::string& user) const;
  // not_found: no such program; io: what the program says.
  Status set(const std::string& service, const std::string& user, const std::string& password) const;
  Status forget(const std::string& service, const std::string& user) const;

 private:
  Result<std::string> run(const std::string& verb, const std::vector<std::string>& words,
                          const std::string& input) const;
  const std::function<bool()> is_cancelled_;
};

// What the program says in its mode "creds": a line with the user's name, a line with the password. nullopt: no
// password.
std::optional<KeyringAnswer> parse_keyring_answer(std::string_view output);

// The name under which pkg keeps the password of an origin ("https://host:443"): "host" as pip asks for it; with the
// port when it is not the scheme's own, and the scheme when it is not https.
std::string keyring_service(const std::string& origin);

}  // namespace pkg::index
