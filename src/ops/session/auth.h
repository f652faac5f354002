#pragma once
// `pkg auth`: logins for origins, kept in the user's file or by the keyring program. docs/guides/indexes.md#logins

#include <string>
#include <vector>

#include "base/result.h"
#include "index/settings.h"

namespace pkg::ops {

struct NewLogin {
  std::string url;   // any of the origin; without a password
  std::string user;  // empty: the URL's, or "__token__"
  std::string password;
};

struct KeptLogin {
  std::string origin;  // "https://host", with the port where it is not the scheme's own
  std::string user;
  bool in_keyring = false;
};

// Where it is kept is said by `provider`: `subprocess` keeps the password in the keyring, and only the user name in the
// file. usage: no web address, or one with a password in it.
Result<KeptLogin> keep_login(const NewLogin& login, index::KeyringProvider provider);
Result<KeptLogin> forget_login(const std::string& url);
Result<std::vector<KeptLogin>> kept_logins();

// "user@host" of an index's URL: the user name; empty: none.
std::string user_in(const std::string& url);

}  // namespace pkg::ops
