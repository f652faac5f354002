#pragma once
// Signatures that anybody can check and only the holder of the secret can make (RFC 8032).

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::ed25519 {

inline constexpr std::size_t kSeedSize = 32, kPublicSize = 32, kSignatureSize = 64;

// Raw bytes all. internal: a secret of another size, or the library refuses.
Result<std::string> public_key(std::string_view seed);
Result<std::string> sign(std::string_view seed, std::string_view message);
// False too where key or signature have another size.
bool is_signed(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace pkg::ed25519
