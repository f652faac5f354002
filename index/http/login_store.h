#pragma once
// Logins that `pkg auth login` keeps: one per origin, in a file that only its owner can read
// (docs/guides/indexes.md#logins).

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::index {

struct Login {
  std::string origin;  // Url::origin(): "https://host:443"
  std::string user, password;
  bool in_keyring = false;  // the keyring command has the password
  bool operator==(const Login&) const = default;
};

// $XDG_CONFIG_HOME/pkg/credentials.json, or below ~/.config. Empty: there is no home.
fs::Path login_file();

// None when there is no file. bad_data when others may read it or write to it, when it is another user's or a link, or
// when it is malformed: it is not used then.
Result<std::vector<Login>> read_logins(const fs::Path& file);

// Replaces the login of its origin; keep_login(…) of one without, adds it. Folder 0700, file 0600, replaced whole.
// bad_data: what read_logins() refuses · not_found: the user has no home · io.
Status keep_login(const fs::Path& file, Login login);
// The login that was there; not_found when there was none.
Result<Login> forget_login(const fs::Path& file, const std::string& origin);

}  // namespace pkg::index
