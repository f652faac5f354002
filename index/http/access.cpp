#include "index/http/access.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "base/hash.h"
#include "base/key_file.h"
#include "base/mac.h"
#include "base/text.h"
#include "index/http/proxy.h"

namespace pkg::index {
namespace {

void add(std::string& into, std::string_view part) { append(into, part.size(), ':', part); }
void add_if_any(std::string& into, std::string_view what, std::string_view part) {
  if (part.empty()) return;
  add(into, what);
  add(into, part);
}

// A proxy's user says which rules count; its password does not.
std::string without_password(const std::string& proxy) {
  const auto url = url::Url::parse(proxy);
  if (!url) return url::redact(proxy);
  return url->has_user ? cat(url->user, "@", url->request_target()) : url->request_target();
}

void add_proxy(std::string& into, const Settings& settings, bool is_https) {
  if (!settings.proxy.empty()) return add_if_any(into, "proxy", without_password(settings.proxy.with_credentials()));
  if (!settings.proxy_from_environment) return add(into, "no proxy");
  static constexpr const char* kForHttps[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  static constexpr const char* kForHttp[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
  for (const auto* name : is_https ? std::span<const char* const>(kForHttps) : std::span<const char* const>(kForHttp)) {
    if (const char* value = std::getenv(name); value != nullptr) add_if_any(into, name, without_password(value));
  }
  if (!is_https) add_if_any(into, "HTTP_PROXY", without_password(http_proxy_in_capitals()));
  if (into.empty()) return;
  for (const auto* name : {"no_proxy", "NO_PROXY"})
    if (const char* value = std::getenv(name); value != nullptr) add_if_any(into, name, value);
}

void add_trust(std::string& into, const Settings& settings, const url::Url& url) {
  if (url.scheme != "https") return;
  if (is_trusted_host(settings.trusted_hosts, url)) add(into, "trusted");
  add_if_any(into, "ca", settings.ca_bundle);
  add_if_any(into, "client", settings.client_cert);
}

}  // namespace

bool is_trusted_host(const std::vector<std::string>& trusted, const url::Url& url) {
  if (trusted.empty()) return false;
  const auto origin = url.origin();
  const auto with_port = std::string_view(origin).substr(url.scheme.size() + 3);
  return std::ranges::any_of(trusted, [&](const std::string& host) {
    return equals_ignoring_case(host, url.host) || equals_ignoring_case(host, with_port);
  });
}

Access::Access(const Settings& settings, Credentials& credentials) : settings_(settings), credentials_(credentials) {}

std::string Access::sealed(std::string_view secret) {
  if (!key_) {
    const auto& folder = settings_.state_dir;
    const auto key = folder.empty() ? Result<std::string>(std::string()) : fs::own_key(folder, "cache-key");
    key_ = key.ok() ? *key : std::string();
  }
  return key_->empty() ? std::string() : hmac_sha256(*key_, secret);
}

std::string Access::to_origin(const url::Url& url) {
  const auto origin = url.origin();
  if (const auto known = origins_.find(origin); known != origins_.end()) return known->second;
  std::string text;
  add_proxy(text, settings_, url.scheme == "https");
  add_trust(text, settings_, url);
  for (const auto& [path, user, password] : credentials_.known(url)) {
    add(text, "as");
    add(text, path);
    add(text, user);
    add(text, password ? sealed(*password) : "keyring");
  }
  return origins_.emplace(origin, std::move(text)).first->second;
}

bool Access::has_login(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return false;
  return url->has_user || !settings_.client_cert.empty() || !credentials_.known(*url).empty();
}

std::string Access::of(const std::string& text) {
  if (!text.starts_with("http:") && !text.starts_with("https:")) return {};
  const auto url = url::Url::parse(text);
  if (!url) return {};
  const std::lock_guard lock(mutex_);
  auto parts = to_origin(*url);
  if (url->has_password) {
    add(parts, "own");
    add(parts, url->user);
    add(parts, sealed(url->password));
  }
  return parts.empty() ? std::string() : hash::sha256(parts);
}

}  // namespace pkg::index
