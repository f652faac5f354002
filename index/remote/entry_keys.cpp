#include "index/remote/entry_keys.h"

#include "base/ed25519.h"
#include "base/hash.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/mac.h"
#include "base/own_file.h"
#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::string_view kSecret = "ed25519-secret:", kPublic = "ed25519:", kShared = "hmac:";
constexpr std::size_t kShortestShared = 32, kLongestShared = 256;

bool is_key_text(std::string_view text) {
  return text.starts_with(kSecret) || text.starts_with(kPublic) || text.starts_with(kShared);
}

Error no_key(std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("this is no key of a remote cache: ", why),
                    "as `ed25519:…`, `ed25519-secret:…` or `hmac:…`; `pkg cache key FILE` makes one");
}

// The first line that says something.
std::string_view first_line(std::string_view text) {
  for (const auto line : split_lines(text))
    if (const auto words = trim(line); !words.empty() && words.front() != '#') return words;
  return {};
}

Result<EntryKey> read_own_key(const fs::Path& path) {
  const auto doing = [&] { return cat("while reading the key ", quote(path.native())); };
  PKG_TRY_ASSIGN(const auto file, fs::read_own_file(path, limits::kOneLine, fs::FileLinks::follow).with(doing));
  if (file.is_open_to_readers)
    return make_error(ErrorKind::unsupported, cat("the key ", quote(path.native()), " can be read by others"),
                      cat("chmod 600 ", path.native()));
  return parse_entry_key(first_line(file.text)).with(doing);
}

Status add_trusted(const std::string& given, std::vector<EntryKey>& trusted) {
  if (is_key_text(given)) {
    PKG_TRY_ASSIGN(auto key, parse_entry_key(given));
    trusted.push_back(std::move(key));
    return ok_status();
  }
  const auto doing = [&] { return cat("while reading the keys of ", quote(given)); };
  PKG_TRY_ASSIGN(const auto file, fs::read_own_file(given, limits::kSettings, fs::FileLinks::follow).with(doing));
  for (const auto line : split_lines(file.text)) {
    const auto words = trim(line);
    if (words.empty() || words.front() == '#') continue;
    PKG_TRY_ASSIGN(auto key, parse_entry_key(words).with(doing));
    trusted.push_back(std::move(key));
  }
  return ok_status();
}

}  // namespace

std::string EntryKey::id() const {
  return hash::sha256(cat("pkg entry key ", static_cast<int>(kind), ' ', check)).substr(0, 8);
}

Result<EntryKey> parse_entry_key(std::string_view text) {
  const auto colon = text.find(':');
  if (!is_key_text(text)) return no_key("it begins with none of the three words");
  const auto bytes = hash::from_base64url(text.substr(colon + 1));
  if (!bytes) return no_key("what follows the colon is no URL-safe base64");
  if (text.starts_with(kShared)) {
    if (bytes->size() < kShortestShared || bytes->size() > kLongestShared)
      return no_key(cat("it has ", bytes->size(), " bytes, expected ", kShortestShared, " to ", kLongestShared));
    return EntryKey{KeyKind::hmac_sha256, *bytes, *bytes};
  }
  if (bytes->size() != ed25519::kSeedSize)
    return no_key(cat("it has ", bytes->size(), " bytes, expected ", ed25519::kSeedSize));
  if (text.starts_with(kPublic)) return EntryKey{KeyKind::ed25519, {}, *bytes};
  PKG_TRY_ASSIGN(auto check, ed25519::public_key(*bytes));
  return EntryKey{KeyKind::ed25519, *bytes, std::move(check)};
}

std::string public_text(const EntryKey& key) {
  return key.kind == KeyKind::ed25519 ? cat(kPublic, hash::to_base64url(key.check)) : std::string();
}

Result<std::string> new_secret_text() {
  const auto bytes = fs::random_bytes(ed25519::kSeedSize);
  if (bytes.size() != ed25519::kSeedSize) return make_error(ErrorKind::io, "the system gives no random bytes");
  return cat(kSecret, hash::to_base64url(bytes));
}

std::string sign_with(const EntryKey& key, std::string_view message) {
  if (key.secret.empty()) return {};
  if (key.kind == KeyKind::hmac_sha256) return hmac_sha256(key.secret, message);
  const auto signature = ed25519::sign(key.secret, message);
  return signature ? *signature : std::string();
}

bool is_signed_by(const EntryKey& key, std::string_view message, std::string_view signature) {
  if (key.kind == KeyKind::hmac_sha256) return equal_secrets(hmac_sha256(key.check, message), signature);
  return ed25519::is_signed(key.check, message, signature);
}

Result<EntryKeys> load_entry_keys(const std::string& key_file, const std::vector<std::string>& trust) {
  EntryKeys keys;
  if (!key_file.empty()) {
    PKG_TRY_ASSIGN(auto own, read_own_key(key_file));
    keys.trusted.push_back(own);
    if (!own.secret.empty()) keys.own = std::move(own);
  }
  for (const auto& given : trust) PKG_TRY(add_trusted(given, keys.trusted));
  return keys;
}

}  // namespace pkg::index
