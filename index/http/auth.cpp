#include "index/http/auth.h"

#include <algorithm>

#include "base/environment_variable.h"
#include "base/hash.h"
#include "base/text.h"
#include "index/http/keyring.h"

namespace pkg::index {
namespace {

// Bytes up to the last '/' that both paths have in common.
std::size_t common_folders(std::string_view a, std::string_view b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; ++i)
    if (a[i] == '/') same = i + 1;
  return same;
}

std::string folder_path(const url::Url& url) { return url.path.ends_with('/') ? url.path : cat(url.path, "/"); }

// "https://host", with the port where it is not the scheme's own.
std::string shown_origin(const url::Url& url) {
  const auto text = url.without_credentials();
  return text.substr(0, text.find_first_of("/?#", url.scheme.size() + 3));
}

constexpr std::string_view kWaysToTrust =
    "`pkg config trust` or PKG_TRUST_PROJECT=1 says that you trust the project, or give the index in your own settings";

void add_new(std::vector<Credential>& found, Credential credential) {
  const auto same = [&](const Credential& one) { return one.is_same(credential); };
  if (std::ranges::none_of(found, same)) found.push_back(std::move(credential));
}

bool is_below(const std::string& text, const std::string& own_text) {
  const auto url = url::Url::parse(text);
  const auto own = url::Url::parse(own_text);
  if (!url || !own || own->host.empty() || url->origin() != own->origin()) return false;
  const auto path = folder_path(*url);
  const bool may_climb = path.find("/.") != std::string::npos || path.find('%') != std::string::npos;
  return path == folder_path(*own) || (!may_climb && path.starts_with(folder_path(*own)));
}

enum class Named { by_user, by_anything };

// The URLs that have a host: of indexes and find-links, as far as they are the user's own; or all of them, and those of
// requirements.
std::vector<url::Url> servers(const Settings& settings, Named named) {
  std::vector<url::Url> found;
  const auto add = [&](const SecretUrl& location) {
    if (named == Named::by_user && settings.foreign_urls.contains(location)) return;
    auto url = url::Url::parse(location.with_credentials());
    if (url && !url->host.empty()) found.push_back(std::move(url).value());
  };
  for (const auto& index : settings.indexes) add(index.url);
  for (const auto& link : settings.find_links) add(link);
  if (named == Named::by_anything)
    for (const auto& url : settings.named_urls) add(url);
  return found;
}

}  // namespace

std::string Credential::header() const { return cat("Basic ", hash::to_base64(cat(user, ":", password))); }

std::string index_variable_prefix(std::string_view index_name) {
  std::string prefix = "PKG_INDEX_";
  for (const char c : index_name) {
    if (c >= 'a' && c <= 'z')
      prefix += static_cast<char>(c - 'a' + 'A');
    else
      prefix += is_ascii_alnum(c) ? c : '_';
  }
  return prefix + '_';
}

bool leads_where_user_says(const IndexLocation& index, std::span<const IndexLocation> own) {
  if (index.name.empty()) return false;
  const char* said = environment_variable(cat(index_variable_prefix(index.name), "URL").c_str());
  if (said != nullptr && is_below(index.url.with_credentials(), said)) return true;
  return std::ranges::any_of(own, [&](const IndexLocation& one) {
    return one.takes_variables && one.name == index.name &&
           is_below(index.url.with_credentials(), one.url.with_credentials());
  });
}

std::set<std::string> own_origins(const Settings& settings) {
  std::set<std::string> origins;
  for (const auto& url : servers(settings, Named::by_user)) origins.insert(url.origin());
  return origins;
}

std::set<std::string> own_hosts(const Settings& settings) {
  std::set<std::string> hosts;
  for (const auto& url : servers(settings, Named::by_user)) hosts.insert(url.host);
  return hosts;
}

std::set<std::string> client_cert_origins(const Settings& settings) {
  if (!settings.client_cert_for_all_named) return own_origins(settings);
  std::set<std::string> origins;
  for (const auto& url : servers(settings, Named::by_anything)) origins.insert(url.origin());
  return origins;
}

Credentials::Credentials(const Settings& settings, Reporter* reporter)
    : keyring_(settings.keyring), own_origins_(own_origins(settings)), reporter_(reporter) {
  for (const auto& index : settings.indexes) add_place(index, true);
  for (const auto& link : settings.find_links) add_place({{}, link}, false);
}

void Credentials::add_place(const IndexLocation& location, bool is_index) {
  const auto& name = location.name;
  const auto url = url::Url::parse(location.url.with_credentials());
  if (!url || (url->scheme != "http" && url->scheme != "https")) return;
  Place place;
  place.path = folder_path(*url);
  place.service = url->request_target();
  place.label = name.empty() ? place.service : name;
  place.is_index = is_index;
  place.authenticate = location.rules.authenticate;
  place.from = is_index ? "the index's URL" : "the URL";
  place.has_user = url->has_user && !(url->user.empty() && !url->has_password);
  place.user = url->user;
  if (url->has_password) place.password = url->password;
  if (!name.empty()) {
    const auto prefix = index_variable_prefix(name);
    const char* user = environment_variable((prefix + "USERNAME").c_str());
    const char* password = environment_variable((prefix + "PASSWORD").c_str());
    if (!location.takes_variables && (user != nullptr || password != nullptr)) {
      place.withheld = cat(prefix, password != nullptr ? "PASSWORD" : "USERNAME");
      user = password = nullptr;
    }
    if (user != nullptr && place.user != user) {
      place.user = user;
      place.has_user = true;
      place.password.reset();  // was another user's
    }
    if (password != nullptr) {
      place.password = password;
      place.has_user = true;
    }
    if (user != nullptr || password != nullptr) place.from = cat(prefix, password != nullptr ? "PASSWORD" : "USERNAME");
    if (password != nullptr && place.user.empty()) place.user = "__token__";
  }
  origins_[url->origin()].places.push_back(std::move(place));
}

Credentials::Origin& Credentials::origin_of(const std::string& key) {
  auto& origin = origins_[key];
  if (origin.is_read) return origin;
  origin.is_read = true;
  if (!logins_) {
    auto logins = read_logins(login_file());
    if (!logins && reporter_ != nullptr) {
      const auto& hint = logins.error().hint;
      reporter_->warning(cat(logins.error().message, hint.empty() ? "" : "; ", hint));
    }
    logins_ = logins ? std::move(logins).value() : std::vector<Login>();
  }
  const auto found = std::ranges::find(*logins_, key, &Login::origin);
  if (found != logins_->end()) origin.login = *found;
  if (origin.places.empty()) {
    Place place;
    place.path = "/";
    place.service = key.ends_with(":443") && key.starts_with("https:") ? key.substr(0, key.size() - 4) : key;
    origin.places.push_back(std::move(place));
  }
  return origin;
}

// The place whose path is nearest to that of a request: of several indexes of one host each has its own credentials.
Credentials::Place& Credentials::place_of(Origin& origin, const url::Url& url) {
  if (url.has_user && !url.has_password && !url.user.empty()) {
    const auto same = std::ranges::find(origin.places, url.user, &Place::user);
    if (same != origin.places.end()) return *same;
    Place place;
    place.path = folder_path(url);
    place.service = shown_origin(url);
    place.from = "the URL";
    place.is_passing = place.has_user = true;
    place.user = url.user;
    origin.places.push_back(std::move(place));
    return origin.places.back();
  }
  const auto nearness = [&](const Place& place) {
    return place.is_passing ? std::size_t{0} : 1 + common_folders(place.path, url.path);
  };
  return *std::ranges::max_element(origin.places, {}, nearness);
}

// An entry that names a host alone says nothing of ports and of doing without TLS: it is for https at its own port, and
// for what the user names as an index. The default entry is for the user's indexes only: links lead anywhere.
const NetrcEntry* Credentials::netrc_entry(const url::Url& url, const std::string& user) {
  if (!netrc_) netrc_ = read_netrc(reporter_);
  const auto origin = url.origin();
  const bool is_own = own_origins_.contains(origin);
  const auto is_for = [&](const NetrcEntry& entry) {
    switch (entry.scope) {
      case NetrcEntry::Scope::any_host:
        return is_own;
      case NetrcEntry::Scope::host:
        return entry.machine == url.host && (is_own || origin == cat("https://", url.host, ":443"));
      case NetrcEntry::Scope::origin:
        return entry.machine == origin ||
               (is_own && entry.machine == cat("https", std::string_view(origin).substr(url.scheme.size())));
    }
    return false;
  };
  return find_entry(*netrc_, user, is_for);
}

std::optional<Credential> Credentials::without_keyring(const Origin& origin, const Place& place, const url::Url& url) {
  if (place.password) return Credential{place.user, *place.password, place.from, false};
  const auto& login = origin.login;
  const bool is_same_user = login && (place.user.empty() || place.user == login->user);
  if (is_same_user && !login->in_keyring) return Credential{login->user, login->password, "`pkg auth login`", false};
  if (const auto* entry = netrc_entry(url, place.user))
    return Credential{entry->login, entry->password, "netrc", false};
  return std::nullopt;
}

void Credentials::tell_withheld(const Place& place) const {
  if (place.withheld.empty() || reporter_ == nullptr) return;
  reporter_->warning(cat(place.withheld, " is not sent: only the project says where the index ", quote(place.label),
                         " is; ", kWaysToTrust));
}

std::vector<Credential> Credentials::candidates(const std::string& text) {
  std::vector<Credential> found;
  const auto url = url::Url::parse(text);
  if (!url) return found;
  const std::lock_guard lock(mutex_);
  auto& origin = origin_of(url->origin());
  const auto& nearest = place_of(origin, *url);
  if (nearest.authenticate == Authenticate::never) return found;
  if (url->has_password) found.push_back({url->user, url->password, "the URL", false});
  tell_withheld(nearest);
  const auto add = [&](const Place& place) {
    if (place.keyring) add_new(found, *place.keyring);
    if (auto credential = without_keyring(origin, place, *url)) add_new(found, *std::move(credential));
  };
  add(nearest);
  for (const auto& place : origin.places)
    if (&place != &nearest && !place.is_passing && place.authenticate != Authenticate::never) add(place);
  if (found.empty() && nearest.has_user) found.push_back({nearest.user, {}, nearest.from, true});
  return found;
}

std::vector<Credentials::Known> Credentials::known(const url::Url& url) {
  std::vector<Known> found;
  const std::lock_guard lock(mutex_);
  const auto& origin = origin_of(url.origin());
  const bool asks_keyring = keyring_ != KeyringProvider::disabled || (origin.login && origin.login->in_keyring);
  for (const auto& place : origin.places) {
    if (place.is_passing || place.authenticate == Authenticate::never) continue;
    if (auto credential = without_keyring(origin, place, url))
      found.push_back({place.path, std::move(credential->user), std::move(credential->password)});
    else if (place.has_user && !asks_keyring)
      found.push_back({place.path, place.user, std::string()});
    else if (place.has_user || asks_keyring)
      found.push_back({place.path, place.user.empty() && origin.login ? origin.login->user : place.user, std::nullopt});
  }
  return found;
}

bool Credentials::may_ask_keyring(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return false;
  const std::lock_guard lock(mutex_);
  auto& origin = origin_of(url->origin());
  if (place_of(origin, *url).authenticate == Authenticate::never) return false;
  if (keyring_ == KeyringProvider::subprocess || (keyring_ == KeyringProvider::automatic && Keyring::is_there()))
    return true;
  return origin.login && origin.login->in_keyring;
}

std::string Credentials::lack(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return {};
  {
    const std::lock_guard lock(mutex_);
    const auto& place = place_of(origin_of(url->origin()), *url);
    if (place.authenticate != Authenticate::always) return {};
  }
  return candidates(text).empty() ? cat(index_of(text), " is asked with credentials only, and none are known")
                                  : std::string();
}

bool Credentials::wants_keyring(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return false;
  {
    const std::lock_guard lock(mutex_);
    auto& origin = origin_of(url->origin());
    const auto& place = place_of(origin, *url);
    const bool has_user =
        place.has_user || place.authenticate == Authenticate::always || (origin.login && origin.login->in_keyring);
    if (url->has_password || !has_user || place.asked_keyring || without_keyring(origin, place, *url)) return false;
  }
  return may_ask_keyring(text);
}

bool Credentials::ask_keyring(const std::string& text, const std::function<bool()>& is_cancelled) {
  const auto url = url::Url::parse(text);
  if (!url || !may_ask_keyring(text)) return false;
  const auto key = url->origin();
  const std::lock_guard asking(asking_);
  std::string user;
  std::vector<std::string> services;
  {
    const std::lock_guard lock(mutex_);
    auto& origin = origin_of(key);
    auto& place = place_of(origin, *url);
    if (place.asked_keyring) return place.keyring.has_value();
    place.asked_keyring = true;
    user = place.user.empty() && origin.login && origin.login->in_keyring ? origin.login->user : place.user;
    services.push_back(place.service);
    if (const auto kept = keyring_service(key); kept != place.service) services.push_back(kept);
  }
  auto answer = Keyring(is_cancelled).get(services, user);
  if (!answer) return false;
  const std::lock_guard lock(mutex_);
  place_of(origin_of(key), *url).keyring =
      Credential{std::move(answer->user), std::move(answer->password), "the keyring", false};
  return true;
}

std::string Credentials::index_of(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return "the server";
  const std::lock_guard lock(mutex_);
  auto& origin = origin_of(url->origin());
  const auto& place = place_of(origin, *url);
  return place.is_index ? cat("the index ", quote(place.label)) : std::string("the server");
}

std::string Credentials::hint(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return {};
  const std::lock_guard lock(mutex_);
  const auto& place = place_of(origin_of(url->origin()), *url);
  if (!place.withheld.empty())
    return cat(place.withheld, " was not sent, as only the project says where the index ", quote(place.label), " is; ",
               kWaysToTrust);
  if (place.authenticate == Authenticate::never)
    return cat("for the index ", quote(place.label), " `authenticate` is \"never\": nothing was sent");
  return cat("pkg auth login ", shown_origin(*url), " --username NAME, or netrc, or the index's URL",
             keyring_ == KeyringProvider::disabled ? ", or --keyring-provider auto" : "");
}

}  // namespace pkg::index
