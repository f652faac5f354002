#pragma once
// Who we are, per origin (scheme, host, port): from URLs, variables, kept logins, netrc and the keyring command. What
// is known of one origin is never given to another, and variables of an index's name go only to where the user says
// that it is. docs/guides/indexes.md#credentials has the order.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/events.h"
#include "base/url.h"
#include "index/http/login_store.h"
#include "index/http/netrc.h"
#include "index/settings.h"

namespace pkg::index {

struct Credential {
  std::string user, password;
  std::string from;             // for messages: "the index's URL", "netrc"
  bool is_user_secret = false;  // the user name stands alone: often a token, never shown
  // The value of an Authorization header.
  std::string header() const;
  bool is_same(const Credential& other) const { return user == other.user && password == other.password; }
};

// PKG_INDEX_<NAME>_ as it begins the variables of an index: upper-case, `_` in place of what no variable's name has.
std::string index_variable_prefix(std::string_view index_name);

// Whether the user's own settings (PKG_INDEX_<NAME>_URL, or one of `own` that takes variables) give an index's name the
// same place, or one above it: same origin, and a path that cannot leave it.
bool leads_where_user_says(const IndexLocation& index, std::span<const IndexLocation> own);

// The origins, and the hosts, of the indexes and find-links that are the user's own (Settings::foreign_urls).
std::set<std::string> own_origins(const Settings& settings);
std::set<std::string> own_hosts(const Settings& settings);
// Where the client certificate is shown: to those; when it was given for this command, to everything that the command
// names. Never to what an index links or redirects to.
std::set<std::string> client_cert_origins(const Settings& settings);

// Threads: any.
class Credentials {
 public:
  // `reporter` may be null; it hears once of logins that cannot be used.
  Credentials(const Settings& settings, Reporter* reporter);

  // What is known for a request to `url` without asking the keyring once more, best first. What the URL itself carries
  // goes before all.
  std::vector<Credential> candidates(const std::string& url);
  // A user name without a password, that only the keyring may have: worth asking before the first request.
  bool wants_keyring(const std::string& url);
  // Asks the keyring command, once for each index and each other origin; true when it has an answer, now or before.
  // Runs child processes, for at most a minute each: not for the transport's thread. `is_cancelled` ends them.
  bool ask_keyring(const std::string& url, const std::function<bool()>& is_cancelled);
  bool may_ask_keyring(const std::string& url);
  // For an index that is asked with credentials only (Authenticate::always): what to say where there are none; empty:
  // there are, or it is no such index.
  std::string lack(const std::string& url);

  // All that is known for the origin of `url` before anybody is asked: path, user and password; no password: the
  // keyring is to have it.
  struct Known {
    std::string path, user;
    std::optional<std::string> password;
  };
  std::vector<Known> known(const url::Url& url);

  // For messages: "the index `corp`", or "the server"; and what to do about it.
  std::string index_of(const std::string& url);
  std::string hint(const std::string& url);

 private:
  // An index, a find-links page, or the URL of a user name: where its credentials count most, and which it has.
  struct Place {
    std::string path;     // of its URL, ends with '/'
    std::string label;    // the index's name, or its URL without credentials
    std::string service;  // as the keyring knows it
    bool is_index = false;
    Authenticate authenticate = Authenticate::automatic;
    bool is_passing = false;  // of a request's URL with a user name alone: counts for such URLs only
    std::string user;
    bool has_user = false;
    std::optional<std::string> password;
    std::string from;
    std::string withheld;  // variables of its name that do not go there
    bool asked_keyring = false;
    std::optional<Credential> keyring;
  };
  struct Origin {
    std::vector<Place> places;
    bool is_read = false;        // login and netrc entries are there
    std::optional<Login> login;  // of this origin
  };

  void add_place(const IndexLocation& location, bool is_index);
  void tell_withheld(const Place& place) const;
  Origin& origin_of(const std::string& key);
  Place& place_of(Origin& origin, const url::Url& url);
  const NetrcEntry* netrc_entry(const url::Url& url, const std::string& user);
  std::optional<Credential> without_keyring(const Origin& origin, const Place& place, const url::Url& url);

  const KeyringProvider keyring_;
  const std::set<std::string> own_origins_;
  Reporter* const reporter_;
  std::mutex asking_;  // one keyring program at a time; taken before mutex_
  mutable std::mutex mutex_;
  std::map<std::string, Origin> origins_;
  std::optional<std::vector<NetrcEntry>> netrc_;
  std::optional<std::vector<Login>> logins_;
};

}  // namespace pkg::index
