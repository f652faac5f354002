#pragma once
// Ed25519 signatures (RFC 8032). The only user of OpenSSL's public-key functions; nothing is loaded or set up before
// the first call.

#include <cstddef>
#include <string_view>

namespace pkg::signature {

inline constexpr std::size_t kPublicKeyBytes = 32, kSignatureBytes = 64;

// Whether `signature` is one of `message` by the owner of `public_key`; both raw bytes. False for wrong lengths, too.
bool is_of_key(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace pkg::signature
