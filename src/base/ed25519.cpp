#include "base/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "base/text.h"

namespace pkg::ed25519 {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// A settings file of OpenSSL has no say in what is trusted here.
bool is_ready() { return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1; }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Result<Key> secret_key(std::string_view seed) {
  if (seed.size() != kSeedSize)
    return make_error(ErrorKind::internal, cat("an Ed25519 secret has ", seed.size(), " bytes, expected ", kSeedSize));
  if (!is_ready()) return make_error(ErrorKind::internal, "the crypto library cannot be set up");
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()));
  if (!key) return make_error(ErrorKind::internal, "the crypto library does not take an Ed25519 secret");
  return key;
}

}  // namespace

Result<std::string> public_key(std::string_view seed) {
  PKG_TRY_ASSIGN(const auto key, secret_key(seed));
  std::string out(kPublicSize, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), bytes_of(out), &size) != 1 || size != kPublicSize)
    return make_error(ErrorKind::internal, "the crypto library gives no Ed25519 public key");
  return out;
}

Result<std::string> sign(std::string_view seed, std::string_view message) {
  PKG_TRY_ASSIGN(const auto key, secret_key(seed));
  const Context context(EVP_MD_CTX_new());
  std::string out(kSignatureSize, '\0');
  std::size_t size = out.size();
  const bool is_done = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                       EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(message), message.size()) == 1;
  if (!is_done || size != kSignatureSize)
    return make_error(ErrorKind::internal, "the crypto library does not sign with Ed25519");
  return out;
}

bool is_signed(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kPublicSize || signature.size() != kSignatureSize || !is_ready()) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()));
  const Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace pkg::ed25519
