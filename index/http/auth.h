#pragma once
// Who we are, per origin (scheme, host, port): from URLs, .netrc, and the keyring command. Never sent to another origin.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/settings.h"

namespace pkg::index {

struct NetrcEntry {
  std::string machine;   // empty: the "default" entry
  std::string login, password;
};
// Tokens as in netrc(5): machine, default, login, password, account; macdef bodies are skipped.
std::vector<NetrcEntry> parse_netrc(std::string_view text);

struct Credential {
  std::string user, password;
  bool operator==(const Credential&) const = default;
};

// Threads: any.
class Credentials {
 public:
  explicit Credentials(const Settings& settings);
  // The value of an Authorization header for a request to `url`; nullopt: none known. .netrc is read when the first origin without own credentials is asked for.
  std::optional<std::string> authorization(const std::string& url);
  // Remembers what a URL carries.
  void learn(const std::string& url);
  // After a 401: asks the keyring command once per origin. True when there is something new to try. Runs a child process: not for the transport's thread.
  bool ask_keyring(const std::string& url);
  bool has_keyring() const { return keyring_ == KeyringProvider::subprocess; }

 private:
  std::optional<Credential> from_netrc(const std::string& host);

  const KeyringProvider keyring_;
  std::mutex mutex_;
  std::map<std::string, Credential> by_origin_;
  std::map<std::string, bool> asked_keyring_;
  std::optional<std::vector<NetrcEntry>> netrc_;
};

}  // namespace pkg::index
