#include "ops/session/auth.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "index/http/keyring.h"
#include "index/http/login_store.h"

namespace pkg::ops {
namespace {

// "https://host:443" as people write it.
std::string shown(std::string origin) {
  for (const auto& [scheme, port] : {std::pair("https:", ":443"), std::pair("http:", ":80")}) {
    if (origin.starts_with(scheme) && origin.ends_with(port))
      origin.resize(origin.size() - std::string_view(port).size());
  }
  return origin;
}

Result<url::Url> web_address(const std::string& text) {
  PKG_TRY_ASSIGN(auto url, url::Url::parse(text));
  if (url.scheme != "https" && url.scheme != "http")
    return make_error(ErrorKind::usage, cat(quote(url::redact(text)), " is no web address"),
                      "as in https://index.example");
  return url;
}

KeptLogin without_password(const index::Login& login) { return {shown(login.origin), login.user, login.in_keyring}; }

}  // namespace

std::string user_in(const std::string& text) {
  const auto url = url::Url::parse(text);
  return url ? url->user : std::string();
}

Result<KeptLogin> keep_login(const NewLogin& given, index::KeyringProvider provider) {
  PKG_TRY_ASSIGN(const auto url, web_address(given.url));
  if (url.has_password)
    return make_error(ErrorKind::usage, "a password in the URL can be read by everyone on this machine",
                      "give it on standard input");
  index::Login login;
  login.origin = url.origin();
  login.user = !given.user.empty() ? given.user : !url.user.empty() ? url.user : "__token__";
  login.in_keyring = provider == index::KeyringProvider::subprocess;
  if (login.in_keyring) {
    PKG_TRY(index::Keyring({}).set(index::keyring_service(login.origin), login.user, given.password));
  } else {
    login.password = given.password;
  }
  auto kept = without_password(login);
  PKG_TRY(index::keep_login(index::login_file(), std::move(login)));
  return kept;
}

Result<KeptLogin> forget_login(const std::string& text) {
  PKG_TRY_ASSIGN(const auto url, web_address(text));
  PKG_TRY_ASSIGN(const auto login, index::forget_login(index::login_file(), url.origin()));
  if (login.in_keyring) PKG_TRY(index::Keyring({}).forget(index::keyring_service(login.origin), login.user));
  return without_password(login);
}

Result<std::vector<KeptLogin>> kept_logins() {
  PKG_TRY_ASSIGN(const auto logins, index::read_logins(index::login_file()));
  std::vector<KeptLogin> kept;
  for (const auto& login : logins) kept.push_back(without_password(login));
  return kept;
}

}  // namespace pkg::ops
