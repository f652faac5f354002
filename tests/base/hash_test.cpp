#include "base/hash.h"

#include <doctest/doctest.h>

using namespace pkg;
using hash::Algorithm;

TEST_CASE("digests are those of their standards") {
  const std::pair<Algorithm, std::string> rows[] = {
      {Algorithm::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {Algorithm::sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
      {Algorithm::sha384,
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
      {Algorithm::sha512,
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80"
       "e2a9ac94fa54ca49f"},
      {Algorithm::blake2b,
       "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925"
       "ab92386edd4009923"},
      {Algorithm::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {Algorithm::md5, "900150983cd24fb0d6963f7d28e17f72"},
  };
  for (const auto& [algorithm, expected] : rows) {
    CAPTURE(hash::name(algorithm));
    CHECK(hash::to_hex(hash::digest(algorithm, "abc")) == expected);
    CHECK(hash::digest_size(algorithm) * 2 == expected.size());
    CHECK(hash::algorithm_from_name(hash::name(algorithm)) == algorithm);
    hash::Hasher in_pieces(algorithm);
    in_pieces.update("a");
    in_pieces.update("");
    in_pieces.update("bc");
    CHECK(hash::to_hex(in_pieces.finish()) == expected);
  }
}

TEST_CASE("algorithms are named in any case, and the weak ones are known") {
  CHECK(hash::algorithm_from_name("SHA256") == Algorithm::sha256);
  CHECK_FALSE(hash::algorithm_from_name("sha3").has_value());
  CHECK(hash::is_strong(Algorithm::sha224));
  CHECK_FALSE(hash::is_strong(Algorithm::md5));
  CHECK_FALSE(hash::is_strong(Algorithm::sha1));
}

TEST_CASE("hex and base64 go there and back") {
  const std::string bytes = {'\0', '\xff', '\x10', 'a', '\xfb'};
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    const auto piece = bytes.substr(0, n);
    CHECK(hash::from_hex(hash::to_hex(piece)) == piece);
    CHECK(hash::from_base64url(hash::to_base64url(piece)) == piece);
  }
  CHECK(hash::to_base64url("\xfb\xff") == "-_8");
  CHECK(hash::from_base64url("-_8=") == "\xfb\xff");
  CHECK(hash::to_base64("user:pw") == "dXNlcjpwdw==");
  CHECK(hash::to_base64("abc") == "YWJj");
  CHECK(hash::from_hex("AbCd") == "\xab\xcd");
  for (const auto* text : {"a", "zz", "0x"}) CHECK_FALSE(hash::from_hex(text).has_value());
  for (const auto* text : {"a", "+/==", "a b=", "-_9"}) CHECK_FALSE(hash::from_base64url(text).has_value());
}
