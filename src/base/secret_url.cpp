#include "base/secret_url.h"

#include <algorithm>

namespace pkg {

std::string SecretUrl::without_credentials() const {
  if (!url::is_url(text_)) return shown();
  const auto parsed = url::Url::parse(text_);
  return parsed ? parsed->without_credentials() : shown();
}

namespace {

bool may_be_in_scheme(char c) { return is_ascii_alnum(c) || c == '+' || c == '-' || c == '.'; }

}  // namespace

bool is_secret_parameter(std::string_view key) {
  static constexpr std::string_view kWhole[] = {"sig", "key", "auth", "pass", "pwd"};
  static constexpr std::string_view kParts[] = {"token",      "secret", "passw",    "signature",
                                                "credential", "apikey", "accesskey"};
  const auto plain = replace_all(replace_all(to_ascii_lower(url::percent_decode(key)), "-", ""), "_", "");
  return std::ranges::find(kWhole, plain) != std::end(kWhole) ||
         std::ranges::any_of(kParts, [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

std::string without_secret_parameters(std::string_view url) {
  const auto query = std::min(url.find('?'), url.size());
  const auto fragment = std::min(url.find('#'), url.size());
  if (query >= fragment) return std::string(url);
  std::string kept;
  for (const auto pair : split(url.substr(query + 1, fragment - query - 1), '&')) {
    if (pair.find('=') == std::string_view::npos || !is_secret_parameter(pair.substr(0, pair.find('='))))
      append(kept, kept.empty() ? "?" : "&", pair);
  }
  return cat(url.substr(0, query), kept, url.substr(fragment));
}

std::string without_secrets(std::string_view text) {
  std::string out;
  for (auto at = text.find(":/"); at != std::string_view::npos; at = text.find(":/")) {
    auto begin = at;
    while (begin > 0 && may_be_in_scheme(text[begin - 1])) --begin;
    while (begin < at && !is_ascii_alpha(text[begin])) ++begin;
    const auto end = std::min(text.find_first_of(" \t\r\n\"`<>", at), text.size());
    const auto url = text.substr(begin, end - begin);
    append(out, text.substr(0, begin));
    if (url.substr(at - begin).starts_with("://"))
      append(out, url::redact(url));
    else  // taken for a path, and its slashes made one
      append(out,
             replace_all(url::redact(cat(url.substr(0, at - begin), "://", url.substr(at - begin + 2))), "://", ":/"));
    text.remove_prefix(end);
  }
  return cat(out, text);
}

}  // namespace pkg
