#pragma once
// The settings of the index client: where to look, how to connect, where the cache is. Plain data, filled in by src/cli
// from flags and files.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/secret_url.h"
#include "index/remote/remote_settings.h"
#include "pep/name.h"

namespace pkg::index {

enum class Strategy : std::uint8_t { first_index, unsafe_best_match };
enum class RefreshMode : std::uint8_t { none, all, listed };
enum class KeyringProvider : std::uint8_t {
  disabled,
  subprocess,
  automatic
};  // automatic: where there is such a program

enum class Authenticate : std::uint8_t {
  automatic,  // with what is known
  always,     // an error where nothing is known, before anything is sent
  never
};

// What a settings file says of one index besides name and address.
struct IndexRules {
  Authenticate authenticate = Authenticate::automatic;
  std::set<int> ignored_statuses;  // mean that it does not have the project, as 404 does
  std::string cache_control;       // counts for its pages, whatever the server says; empty: the server's
  std::string exclude_newer;  // a date or duration in place of the general one; "false": no cut-off; empty: general
  bool is_flat = false;       // its URL is one page (or folder) with the files of all projects
  bool operator==(const IndexRules&) const = default;
};

struct IndexLocation {
  std::string name;          // may be empty
  SecretUrl url;             // of the simple API root, with or without final '/'
  bool is_explicit = false;  // only for projects that name it
  bool takes_variables =
      true;  // PKG_INDEX_<NAME>_… go there; false: a project that the user does not trust says where the name leads
  IndexRules rules = {};
  bool operator==(const IndexLocation&) const = default;
};

// Projects that come from the best of some indexes, and from no other: what --torch-backend says of PyTorch.
struct TorchIndexes {
  std::vector<std::string> indexes;  // root_of them: names are anybody's; empty: no backend was asked for
  std::set<pep::Name> projects;
  bool operator==(const TorchIndexes&) const = default;
};

// How messages and DistFile::index call it: by its name, else by its URL without credentials, which ends with '/'.
std::string label_of(const IndexLocation& index);
// Where its pages are: "file:" as given, else without credentials, which the client knows; ends in a slash.
std::string root_of(const IndexLocation& index);

// What of the rules can change an answer, for digests; empty where all are the usual ones.
std::string rules_text(const IndexRules& rules);

struct Settings {
  std::vector<IndexLocation> indexes;  // in order of priority; empty with find_links only
  std::vector<SecretUrl> find_links;   // folders, file: URLs, pages
  bool no_index = false;
  std::map<pep::Name, std::string>
      index_of;        // projects that come from the index of this name only, not from find-links
  TorchIndexes torch;  // index_of comes before it
  Strategy strategy = Strategy::first_index;

  // URLs among them that a project or a requirements file gave, not the user: they get what is known for exactly their
  // origin, and neither a client certificate nor netrc's default entry. And the hosts of the user's own, for which no
  // such file can turn checks off.
  std::set<SecretUrl> foreign_urls;
  std::set<std::string> own_hosts;
  // URLs of requirements that the command's own inputs name.
  std::set<SecretUrl> named_urls;

  std::vector<std::string> trusted_hosts;  // "host" or "host:port"
  std::string ca_bundle;                   // file or folder; empty: the system's
  std::string client_cert;                 // PEM file with certificate, and with the key when there is no client_key
  std::string client_key;                  // PEM file; may be empty
  bool client_cert_for_all_named = false;  // given for this command: also for foreign_urls and named_urls
  SecretUrl proxy;                         // empty: the environment's http_proxy …
  bool proxy_from_environment = true;
  KeyringProvider keyring = KeyringProvider::disabled;
  double timeout_s = 15;  // to connect, and without a byte
  int retries = 5;
  int connections = 50;  // transfers at a time
  std::string user_agent;

  std::string state_dir;  // absolute: what only this user's pkg may say, and keys; empty: there is no such place
  std::string cache_dir;  // absolute; always set: with --no-cache a throw-away folder
  bool offline = false;
  RefreshMode refresh = RefreshMode::none;
  std::set<pep::Name> refresh_names;
  std::int64_t default_freshness_s = 600;  // where the server says nothing
  std::int64_t now = 0;                    // unix seconds, read once by cli

  bool verify_hashes = true;
  bool verify_record = true;

  RemoteCacheSettings remote;  // between the cache folder and the indexes

  bool operator==(const Settings&) const = default;
};

}  // namespace pkg::index
