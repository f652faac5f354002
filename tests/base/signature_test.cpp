#include "base/signature.h"

#include <doctest/doctest.h>

#include <string>

#include "base/hash.h"

using namespace pkg;

namespace {

std::string raw(std::string_view hex) { return *hash::from_hex(hex); }

// RFC 8032, 7.1, tests 2 and 3.
const std::string kKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const std::string kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
    "0d"
    "291612bb0c00";

}  // namespace

TEST_CASE("a signature of RFC 8032 is one, and nothing near to it is") {
  const auto key = raw(kKey), good = raw(kSignature);
  CHECK(signature::is_of_key(key, "\x72", good));
  CHECK(!signature::is_of_key(key, "\x73", good));
  CHECK(!signature::is_of_key(key, "", good));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    auto other = good;
    other[i] = static_cast<char>(other[i] ^ 1);
    CHECK(!signature::is_of_key(key, "\x72", other));
  }
  auto other_key = key;
  other_key[0] = static_cast<char>(other_key[0] ^ 1);
  CHECK(!signature::is_of_key(other_key, "\x72", good));
  CHECK(signature::is_of_key(
      raw("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"), "\xaf\x82",
      raw("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
          "dc6594a7c15e9716ed28dc027beceea1ec40a")));
}

TEST_CASE("keys and signatures of other lengths are none") {
  const auto key = raw(kKey), good = raw(kSignature);
  CHECK(!signature::is_of_key("", "\x72", good));
  CHECK(!signature::is_of_key(key + "x", "\x72", good));
  CHECK(!signature::is_of_key(key, "\x72", good.substr(1)));
  CHECK(!signature::is_of_key(key, "\x72", good + good));
  CHECK(!signature::is_of_key(std::string(32, '\0'), "\x72", std::string(64, '\0')));
}
