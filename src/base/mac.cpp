#include "base/mac.h"

#include "base/hash.h"
#include "base/text.h"

namespace pkg {
namespace {

constexpr std::size_t kBlock = 64;

std::string padded(std::string key, char with) {
  key.resize(kBlock, '\0');
  for (char& c : key) c = static_cast<char>(c ^ with);
  return key;
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  const std::string block = key.size() > kBlock ? hash::sha256(key) : std::string(key);
  return hash::sha256(cat(padded(block, 0x5c), hash::sha256(cat(padded(block, 0x36), message))));
}

bool equal_secrets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different = static_cast<unsigned char>(different | (a[i] ^ b[i]));
  return different == 0;
}

}  // namespace pkg
