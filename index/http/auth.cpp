#include "index/http/auth.h"

#include <algorithm>
#include <cstdlib>

#include "base/fs.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index {
namespace {

constexpr double kKeyringTimeoutSeconds = 60;

std::string netrc_path() {
  if (const char* path = std::getenv("NETRC"); path != nullptr && *path != '\0') return path;
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::string() : cat(std::string_view(home), "/.netrc");
}

}  // namespace

std::vector<NetrcEntry> parse_netrc(std::string_view text) {
  std::vector<NetrcEntry> entries;
  bool in_macro = false;
  std::vector<std::string_view> words;
  for (const auto line : split_lines(text)) {
    if (in_macro) {
      in_macro = !trim(line).empty();
      continue;
    }
    for (const auto word : split_words(line)) {
      if (word.starts_with('#') && (words.empty() || words.back() != "password")) break;
      if (word == "macdef") {
        in_macro = true;
        break;
      }
      words.push_back(word);
    }
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "default") {
      entries.emplace_back();
    } else if (i + 1 < words.size()) {
      const auto& value = words[i + 1];
      if (words[i] == "machine") entries.push_back({std::string(value), {}, {}});
      else if (entries.empty()) continue;
      else if (words[i] == "login") entries.back().login = value;
      else if (words[i] == "password") entries.back().password = value;
      else if (words[i] != "account") continue;
      ++i;
    }
  }
  return entries;
}

Credentials::Credentials(const Settings& settings) : keyring_(settings.keyring) {
  for (const auto& index : settings.indexes) learn(index.url);
  for (const auto& link : settings.find_links) learn(link);
}

void Credentials::learn(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url || !url->has_user || url->user.empty()) return;
  const std::lock_guard lock(mutex_);
  by_origin_.insert_or_assign(url->origin(), Credential{url->user, url->password});
}

std::optional<Credential> Credentials::from_netrc(const std::string& host) {
  if (!netrc_) {
    const auto text = fs::read_file_at_most(netrc_path(), 1u << 20);
    netrc_ = text ? parse_netrc(*text) : std::vector<NetrcEntry>();
  }
  const auto matching = std::ranges::find(*netrc_, host, &NetrcEntry::machine);
  const auto found = matching != netrc_->end() ? matching : std::ranges::find(*netrc_, std::string(), &NetrcEntry::machine);
  if (found == netrc_->end()) return std::nullopt;
  return Credential{found->login, found->password};
}

std::optional<std::string> Credentials::authorization(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url) return std::nullopt;
  const std::lock_guard lock(mutex_);
  auto found = by_origin_.find(url->origin());
  if (found == by_origin_.end()) {
    const auto credential = from_netrc(url->host);
    found = by_origin_.emplace(url->origin(), credential.value_or(Credential{})).first;
  }
  if (found->second == Credential{}) return std::nullopt;
  return cat("Basic ", hash::to_base64(cat(found->second.user, ":", found->second.password)));
}

bool Credentials::ask_keyring(const std::string& text) {
  const auto url = url::Url::parse(text);
  if (!url || keyring_ != KeyringProvider::subprocess) return false;
  const auto origin = url->origin();
  std::string user;
  {
    const std::lock_guard lock(mutex_);
    if (asked_keyring_[origin]) return false;
    asked_keyring_[origin] = true;
    user = by_origin_[origin].user;
  }
  if (user.empty()) user = "__token__";
  for (const auto& service : {url->without_credentials(), url->host}) {
    process::Command command;
    command.argv = {"keyring", "get", service, user};
    command.timeout_s = kKeyringTimeoutSeconds;
    const auto output = process::run(command);
    if (!output || output->exit_code != 0) continue;
    const std::lock_guard lock(mutex_);
    by_origin_.insert_or_assign(origin, Credential{user, std::string(trim(output->out))});
    return true;
  }
  return false;
}

}  // namespace pkg::index
