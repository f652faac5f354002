#include "index/http/proxy.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "base/environment_variable.h"
#include "base/text.h"

namespace pkg::index {
namespace {

std::string variable(const char* name) {
  const char* value = environment_variable(name);
  return value != nullptr ? value : "";
}

std::string first_of(std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (auto value = variable(name); !value.empty()) return value;
  return {};
}

std::string of_environment(std::string_view scheme) {
  if (scheme == "https") return first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (auto value = variable("http_proxy"); !value.empty()) return value;
  if (auto value = http_proxy_in_capitals(); !value.empty()) return value;
  return first_of({"all_proxy", "ALL_PROXY"});
}

bool is_separator(char c) { return c == ',' || c == ' ' || c == '\t'; }

// One word of a no_proxy list.
bool is_named_by(std::string_view word, std::string_view host) {
  if (word == "*") return true;
  if (word.starts_with('.')) word.remove_prefix(1);
  if (word.empty() || word.size() > host.size()) return false;
  if (!equals_ignoring_case(host.substr(host.size() - word.size()), word)) return false;
  return word.size() == host.size() || host[host.size() - word.size() - 1] == '.';
}

}  // namespace

std::string http_proxy_in_capitals() {
  // One that is set to nothing turns the other off, as for Python.
  if (std::getenv("http_proxy") != nullptr || environment_variable("REQUEST_METHOD") != nullptr) return {};
  return variable("HTTP_PROXY");
}

std::string named_proxy(std::string_view shown) {
  return shown.empty() ? std::string("the proxy") : cat("the proxy ", quote(shown));
}

bool is_exempt_from_proxy(std::string_view host, std::string_view list) {
  while (!list.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if(list, is_separator) - list.begin());
    if (is_named_by(list.substr(0, end), host)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::string proxy_in_front_of(const url::Url& target, const SecretUrl& given, bool from_environment) {
  const auto proxy = !given.empty()     ? given.with_credentials()
                     : from_environment ? of_environment(target.scheme)
                                        : std::string();
  if (proxy.empty()) return {};
  if (from_environment && is_exempt_from_proxy(target.host, first_of({"no_proxy", "NO_PROXY"}))) return {};
  const auto parsed = url::Url::parse(proxy.find("://") == std::string::npos ? cat("http://", proxy) : proxy);
  if (!parsed) return url::redact(proxy);
  auto shown = parsed->request_target();
  while (shown.ends_with('/')) shown.pop_back();
  return shown;
}

}  // namespace pkg::index
