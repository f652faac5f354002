#pragma once
// How a server is reached, as far as it decides what the server answers: through which proxy, with what trust, as whom.
// Part of the keys of everything the cache keeps of answers, so that what was learnt under one project's settings does
// not stand for another's (docs/internals/cache-layout.md#access).

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/url.h"
#include "index/http/auth.h"
#include "index/settings.h"

namespace pkg::index {

// Threads: any.
class Access {
 public:
  Access(const Settings& settings, Credentials& credentials);

  // Empty where nothing is set (and for "file:"); else 32 raw bytes. No secret is in it, nor anything a weak one could
  // be guessed from.
  std::string of(const std::string& url);
  // Whether a request to `url` says who we are: by credentials that are known for its origin, or by a certificate.
  bool has_login(const std::string& url);

 private:
  std::string to_origin(const url::Url& url);
  // A password as it may stand in a key: digested with the user's own key. Empty where there is no place for such a
  // key.
  std::string sealed(std::string_view secret);

  const Settings settings_;
  Credentials& credentials_;
  std::mutex mutex_;
  std::map<std::string, std::string> origins_;
  std::optional<std::string> key_;
};

// "host" or "host:port" of `url` is among them: its certificate is not checked.
bool is_trusted_host(const std::vector<std::string>& trusted, const url::Url& url);

}  // namespace pkg::index
