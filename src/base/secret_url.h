#pragma once
// A URL, or a proxy, as somebody gave it: it may carry credentials. It is no string, so that nothing prints or writes
// it by accident: what is for people gets shown(), and only what talks to servers, to git or to the stores of
// credentials asks for the rest.

#include <compare>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/url.h"

namespace pkg {

class SecretUrl {
 public:
  SecretUrl() = default;
  SecretUrl(std::string text) : text_(std::move(text)) {}  // implicit: hiding is always right
  SecretUrl(std::string_view text) : text_(text) {}
  SecretUrl(const char* text) : text_(text) {}

  bool empty() const { return text_.empty(); }
  // Passwords, lone user names and tokens in the query as ****.
  std::string shown() const { return url::redact(text_); }
  std::string to_string() const { return shown(); }
  // The whole of it, secrets too: for transports, git and credentials, and for keys in memory. Never for messages,
  // files, arguments.
  const std::string& with_credentials() const { return text_; }
  std::string without_credentials() const;  // no user, no password; where it is no URL: shown()

  bool operator==(const SecretUrl&) const = default;
  auto operator<=>(const SecretUrl&) const = default;

 private:
  std::string text_;
};

// Whether the parameter `key` of a query gives access by itself, as tokens of package servers and signatures of object
// stores do.
bool is_secret_parameter(std::string_view key);
// `url` without such parameters; its fragment stays.
std::string without_secret_parameters(std::string_view url);

// The URLs in a longer text without their secrets: what a program said, a line of a file, words of a command.
std::string without_secrets(std::string_view text);

// A template: what converts to SecretUrl is quoted as the text it is.
template <std::same_as<SecretUrl> T>
std::string quote(const T& url) {
  return quote(std::string_view(url.shown()));
}

}  // namespace pkg
