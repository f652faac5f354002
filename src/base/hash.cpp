// The low-level digest functions of OpenSSL are marked deprecated there, and are used on purpose: they cost no provider
// lookup (a millisecond at start) and take the same assembler code, SHA-NI included. BLAKE2b exists only behind EVP.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/hex.h"
#include "base/text.h"

namespace pkg::hash {
namespace {

struct Traits {
  Algorithm algorithm;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<Traits, 7> kTraits = {{{Algorithm::sha256, "sha256", 32},
                                            {Algorithm::sha384, "sha384", 48},
                                            {Algorithm::sha512, "sha512", 64},
                                            {Algorithm::sha224, "sha224", 28},
                                            {Algorithm::blake2b, "blake2b", 64},
                                            {Algorithm::sha1, "sha1", 20},
                                            {Algorithm::md5, "md5", 16}}};
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const Traits& traits_of(Algorithm algorithm) { return kTraits[static_cast<std::size_t>(algorithm)]; }

struct FreeEvp {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Evp = std::unique_ptr<EVP_MD_CTX, FreeEvp>;

std::string encode64(std::string_view bytes, std::string_view alphabet) {
  std::string out((bytes.size() * 4 + 2) / 3, '\0');
  char* to = out.data();
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    const std::size_t letters =
        std::min<std::size_t>(bytes.size() - i, 3) + 1;  // of what is there; the other bits are zero
    for (std::size_t n = 0; n < letters; ++n) *to++ = alphabet[(bits >> (18 - 6 * n)) & 63];
  }
  return out;
}

int base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

}  // namespace

struct Hasher::State {
  Algorithm algorithm;
  std::variant<SHA256_CTX, SHA512_CTX, SHA_CTX, MD5_CTX, Evp> context;

  explicit State(Algorithm which) : algorithm(which) {
    switch (which) {
      case Algorithm::sha256:
        SHA256_Init(&context.emplace<SHA256_CTX>());
        return;
      case Algorithm::sha224:
        SHA224_Init(&context.emplace<SHA256_CTX>());
        return;
      case Algorithm::sha384:
        SHA384_Init(&context.emplace<SHA512_CTX>());
        return;
      case Algorithm::sha512:
        SHA512_Init(&context.emplace<SHA512_CTX>());
        return;
      case Algorithm::sha1:
        SHA1_Init(&context.emplace<SHA_CTX>());
        return;
      case Algorithm::md5:
        MD5_Init(&context.emplace<MD5_CTX>());
        return;
      case Algorithm::blake2b:
        start_blake2b();
        return;
    }
  }

  void start_blake2b() {
    Evp evp(EVP_MD_CTX_new());
    PKG_CHECK(evp != nullptr && EVP_DigestInit_ex(evp.get(), EVP_blake2b512(), nullptr) == 1);
    context = std::move(evp);
  }

  void update(const void* data, std::size_t size) {
    if (auto* sha256 = std::get_if<SHA256_CTX>(&context)) SHA256_Update(sha256, data, size);
    if (auto* sha512 = std::get_if<SHA512_CTX>(&context)) SHA512_Update(sha512, data, size);
    if (auto* sha1 = std::get_if<SHA_CTX>(&context)) SHA1_Update(sha1, data, size);
    if (auto* md5 = std::get_if<MD5_CTX>(&context)) MD5_Update(md5, data, size);
    if (auto* evp = std::get_if<Evp>(&context)) PKG_CHECK(EVP_DigestUpdate(evp->get(), data, size) == 1);
  }

  void finish(unsigned char* out) {
    if (auto* sha256 = std::get_if<SHA256_CTX>(&context))
      SHA256_Final(out, sha256);  // writes 28 bytes after SHA224_Init
    if (auto* sha512 = std::get_if<SHA512_CTX>(&context))
      SHA512_Final(out, sha512);  // writes 48 bytes after SHA384_Init
    if (auto* sha1 = std::get_if<SHA_CTX>(&context)) SHA1_Final(out, sha1);
    if (auto* md5 = std::get_if<MD5_CTX>(&context)) MD5_Final(out, md5);
    if (auto* evp = std::get_if<Evp>(&context)) PKG_CHECK(EVP_DigestFinal_ex(evp->get(), out, nullptr) == 1);
  }
};

std::optional<Algorithm> algorithm_from_name(std::string_view name) {
  for (const Traits& traits : kTraits)
    if (equals_ignoring_case(traits.name, name)) return traits.algorithm;
  return std::nullopt;
}

std::string_view name(Algorithm algorithm) { return traits_of(algorithm).name; }
bool is_strong(Algorithm algorithm) { return algorithm != Algorithm::sha1 && algorithm != Algorithm::md5; }
std::size_t digest_size(Algorithm algorithm) { return traits_of(algorithm).size; }

Hasher::Hasher(Algorithm algorithm) : state_(std::make_unique<State>(algorithm)) {}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::string_view bytes) { state_->update(bytes.data(), bytes.size()); }

std::string Hasher::finish() {
  std::string out(digest_size(state_->algorithm), '\0');
  state_->finish(reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string digest(Algorithm algorithm, std::string_view bytes) {
  Hasher hasher(algorithm);
  hasher.update(bytes);
  return hasher.finish();
}

std::string to_hex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const char c : bytes) {
    *to++ = hex::kLower[static_cast<unsigned char>(c) >> 4];
    *to++ = hex::kLower[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex::value(text[i]);
    const int low = hex::value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i / 2] = static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64url(std::string_view bytes) { return encode64(bytes, kBase64Url); }

std::string to_base64(std::string_view bytes) {
  std::string out = encode64(bytes, kBase64);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = base64url_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>((bits >> held) & 0xFF));
  }
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;  // one text for one value: spare bits are zero
  return out;
}

}  // namespace pkg::hash
