#include "index/sources_digest.h"

#include <filesystem>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "index/http/access.h"

namespace pkg::index {
namespace {

// Relative paths mean another place elsewhere.
std::string place_of(const std::string& location) {
  if (const auto url = url::Url::parse(location)) return url->without_credentials();
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(location, failed);
  return failed ? location : absolute.lexically_normal().native();
}

std::string_view way_of(const Settings& settings) {
  if (settings.no_index) return "no index";
  return settings.strategy == Strategy::first_index ? "first" : "best";
}

}  // namespace

std::string sources_digest(const Settings& settings) {
  Credentials credentials(settings, nullptr);
  Access access(settings, credentials);
  std::string text;
  const auto add = [&](std::string_view part) { append(text, part.size(), ':', part); };
  const auto add_place = [&](const SecretUrl& location) {
    const auto place = place_of(location.with_credentials());
    add(place);
    add(access.of(place));
  };
  add(way_of(settings));
  for (const auto& index : settings.indexes) {
    add(index.name);
    add_place(index.url);
    add(index.is_explicit ? "explicit" : "");
    if (const auto rules = rules_text(index.rules); !rules.empty()) add(rules);
  }
  add("links");
  for (const auto& location : settings.find_links) add_place(location);
  if (!settings.torch.indexes.empty()) add(cat("torch=", join(settings.torch.indexes, ",")));
  for (const auto& [name, index] : settings.index_of) add(cat(name.str(), "=", index));
  return hash::to_hex(hash::sha256(text));
}

}  // namespace pkg::index
