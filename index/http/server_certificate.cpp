#include "index/http/server_certificate.h"

#include <cstdint>
#include <optional>
#include <string>

namespace pkg::index {
namespace {

using Bytes = std::string_view;

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// The first certificate of the text.
std::string decoded(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END";
  std::string bytes;
  const auto begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return bytes;
  pem.remove_prefix(begin + kBegin.size());
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : pem.substr(0, pem.find(kEnd))) {
    const int digit = digit_of(c);
    if (digit < 0) continue;
    pending = pending << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(pending >> bits & 0xff));
  }
  return bytes;
}

// One DER element off the front of `bytes`; nullopt when it is malformed or has another tag.
std::optional<Bytes> take(Bytes& bytes, unsigned char tag) {
  if (bytes.size() < 2 || static_cast<unsigned char>(bytes[0]) != tag) return std::nullopt;
  std::size_t size = static_cast<unsigned char>(bytes[1]), at = 2;
  if (size >= 0x80) {
    const std::size_t count = size & 0x7f;
    if (count == 0 || count > 4 || bytes.size() < 2 + count) return std::nullopt;
    size = 0;
    for (; at < 2 + count; ++at) size = size << 8 | static_cast<unsigned char>(bytes[at]);
  }
  if (bytes.size() - at < size) return std::nullopt;
  const auto content = bytes.substr(at, size);
  bytes.remove_prefix(at + size);
  return content;
}

constexpr unsigned char kSequence = 0x30, kObjectId = 0x06, kExtensions = 0xa3;
constexpr Bytes kSubjectAltName("\x55\x1d\x11", 3);

// RFC 5280, 4.1: the extensions are the last member of the signed part.
std::optional<Bytes> extensions_of(Bytes certificate) {
  auto outer = take(certificate, kSequence);
  auto inner = outer ? take(*outer, kSequence) : std::nullopt;
  while (inner && !inner->empty()) {
    const auto tag = static_cast<unsigned char>(inner->front());
    auto member = take(*inner, tag);
    if (!member) return std::nullopt;
    if (tag == kExtensions) return take(*member, kSequence);
  }
  return std::nullopt;
}

}  // namespace

bool lists_names(std::string_view pem) {
  const auto bytes = decoded(pem);
  auto list = extensions_of(bytes);
  while (list && !list->empty()) {
    auto extension = take(*list, kSequence);
    if (!extension) return false;
    if (take(*extension, kObjectId) == kSubjectAltName) return true;
  }
  return false;
}

}  // namespace pkg::index
