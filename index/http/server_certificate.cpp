#include "index/http/server_certificate.h"

#include <optional>
#include <string>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::index {
namespace {

using Bytes = std::string_view;

// The first certificate of the text; empty when there is none.
std::string decoded(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END";
  const auto begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return {};
  pem.remove_prefix(begin + kBegin.size());
  std::string letters;
  for (const char c : pem.substr(0, pem.find(kEnd)))
    if (!is_ascii_space(c)) letters.push_back(c);
  return hash::from_base64url(replace_all(replace_all(letters, "+", "-"), "/", "_")).value_or(std::string());
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
