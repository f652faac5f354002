#pragma once
// Message authentication: bytes that only who knows the key can have written.

#include <string>
#include <string_view>

namespace pkg {

std::string hmac_sha256(std::string_view key, std::string_view message);  // RFC 2104; raw bytes
// In a time that says nothing of where they differ.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace pkg
