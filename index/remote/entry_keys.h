#pragma once
// Keys of the remote cache: what this user signs entries with, and whose entries it believes. A key is one line of
// text, the secret ones in a file of the user's own:
//
//   ed25519-secret:<32 bytes>    signs, and what it signed is believed
//   ed25519:<32 bytes>           of somebody else: what it signed is believed
//   hmac:<32 bytes>              both, for all that share it
//
// The bytes are URL-safe base64. docs/guides/fleet.md#keys

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::index {

enum class KeyKind : std::uint8_t { ed25519 = 1, hmac_sha256 = 2 };

struct EntryKey {
  KeyKind kind = KeyKind::ed25519;
  std::string secret;      // raw bytes; empty: it can only check
  std::string check;       // raw bytes: the public key, or the shared secret
  std::string id() const;  // 8 raw bytes that say which key it is, and nothing of a secret
};

// bad_data: no such text; never with the text itself, which may be a secret.
Result<EntryKey> parse_entry_key(std::string_view text);
std::string public_text(const EntryKey& key);  // "ed25519:…"; empty: there is no public part
// A fresh Ed25519 secret as text. io: the system gives no random bytes.
Result<std::string> new_secret_text();

std::string sign_with(const EntryKey& key, std::string_view message);  // empty: it cannot
bool is_signed_by(const EntryKey& key, std::string_view message, std::string_view signature);

struct EntryKeys {
  std::optional<EntryKey> own;
  std::vector<EntryKey> trusted;  // `own` among them
};
// `key_file`: empty, or a file of this user's that others cannot read. `trust`: texts, or files with one a line ('#'
// begins a comment). bad_data, io, not_found, unsupported: what is wrong with one of them.
Result<EntryKeys> load_entry_keys(const std::string& key_file, const std::vector<std::string>& trust);

}  // namespace pkg::index
