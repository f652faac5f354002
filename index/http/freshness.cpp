#include "index/http/freshness.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/time.h"

namespace pkg::index {
namespace {

constexpr std::int64_t kLongest = 30 * 24 * 3600;
constexpr std::size_t kLongestValidator = 1024;

std::optional<std::int64_t> seconds(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  const auto number = parse_u64(text);
  if (!number) return std::nullopt;
  return static_cast<std::int64_t>(std::min<std::uint64_t>(*number, kLongest));
}

struct CacheControl {
  std::optional<std::int64_t> max_age;
  bool no_cache = false, no_store = false;
};

CacheControl parse_cache_control(std::string_view text) {
  CacheControl control;
  for (const auto piece : split(text, ',')) {
    const auto equals = std::min(piece.find('='), piece.size());
    const auto name = trim(piece.substr(0, equals));
    if (equals_ignoring_case(name, "no-cache")) control.no_cache = true;
    if (equals_ignoring_case(name, "no-store")) control.no_store = true;
    if (equals_ignoring_case(name, "max-age") && equals < piece.size())
      control.max_age = seconds(piece.substr(equals + 1)).value_or(0);
  }
  return control;
}

std::optional<std::int64_t> until_expiry(const Response& response, std::int64_t now) {
  const auto* expires = response.header("expires");
  if (expires == nullptr) return std::nullopt;
  const auto* date = response.header("date");
  const auto sent = date != nullptr ? time::parse_http_date(*date).value_or(now) : now;
  const auto at = time::parse_http_date(*expires);
  return at ? std::clamp<std::int64_t>(*at - sent, 0, kLongest) : 0;  // "0" and the like: already over
}

std::string validator(const Response& response, std::string_view name) {
  const auto* value = response.header(name);
  return value != nullptr && value->size() <= kLongestValidator ? *value : std::string();
}

}  // namespace

Freshness freshness_of(const Response& response, std::int64_t default_s, std::int64_t now,
                       const std::string& cache_control) {
  Freshness freshness;
  freshness.etag = validator(response, "etag");
  freshness.last_modified = validator(response, "last-modified");
  const auto* header = cache_control.empty() ? response.header("cache-control") : &cache_control;
  const auto control = header != nullptr ? parse_cache_control(*header) : CacheControl{};
  freshness.may_store = !control.no_store;
  if (control.no_cache || control.no_store) return freshness;
  if (!cache_control.empty() && control.max_age) {
    freshness.max_age_s = *control.max_age;  // whatever the server says of its age
    return freshness;
  }
  const auto told = control.max_age ? control.max_age : until_expiry(response, now);
  const auto* age = response.header("age");
  const auto spent = age != nullptr ? seconds(*age).value_or(0) : 0;
  freshness.max_age_s = told ? std::max<std::int64_t>(0, *told - spent) : default_s;
  return freshness;
}

}  // namespace pkg::index
