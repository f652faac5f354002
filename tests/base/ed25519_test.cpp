#include "base/ed25519.h"

#include <doctest/doctest.h>

#include "base/hash.h"
#include "support/printers.h"

namespace pkg::ed25519 {
namespace {

std::string bytes(std::string_view hex) { return hash::from_hex(hex).value(); }

struct Vector {
  std::string seed, key, message, signature;
};

// RFC 8032, 7.1: tests 1 and 3.
const Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"},
};

}  // namespace

TEST_CASE("Ed25519 signs as RFC 8032 has it, and takes no other signature") {
  for (const auto& vector : kVectors) {
    const auto seed = bytes(vector.seed), message = bytes(vector.message);
    const auto key = public_key(seed), signature = sign(seed, message);
    REQUIRE_OK(key);
    REQUIRE_OK(signature);
    CHECK(hash::to_hex(*key) == vector.key);
    CHECK(hash::to_hex(*signature) == vector.signature);
    CHECK(is_signed(*key, message, *signature));
    CHECK_FALSE(is_signed(*key, message + "x", *signature));
    for (const std::size_t at : {0u, 31u, 32u, 63u}) {
      auto other = *signature;
      other[at] = static_cast<char>(other[at] ^ 1);
      CHECK_FALSE(is_signed(*key, message, other));
    }
    CHECK_FALSE(is_signed(*key, message, signature->substr(1)));
    CHECK_FALSE(is_signed(key->substr(1), message, *signature));
  }
  CHECK(sign("short", "x").error().kind == ErrorKind::internal);
}

TEST_CASE("keys and signatures of other lengths, and zeros, are none") {
  const auto key = bytes(kVectors[1].key), message = bytes(kVectors[1].message), good = bytes(kVectors[1].signature);
  CHECK_FALSE(is_signed("", message, good));
  CHECK_FALSE(is_signed(key + "x", message, good));
  CHECK_FALSE(is_signed(key, message, good + good));
  CHECK_FALSE(is_signed(std::string(32, '\0'), message, std::string(64, '\0')));
  auto other_key = key;
  other_key[0] = static_cast<char>(other_key[0] ^ 1);
  CHECK_FALSE(is_signed(other_key, message, good));
}

}  // namespace pkg::ed25519
