#pragma once
// Streaming digests, hex and URL-safe base64. The only user of OpenSSL's digests. sha256 takes the low-level path: no
// provider is loaded.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pkg::hash {

enum class Algorithm {
  sha256,
  sha384,
  sha512,
  sha224,
  blake2b,
  sha1,
  md5
};  // sha1, md5: recognised, too weak to trust

std::optional<Algorithm> algorithm_from_name(std::string_view name);  // "sha256" …, ASCII case ignored
std::string_view name(Algorithm algorithm);
bool is_strong(Algorithm algorithm);
std::size_t digest_size(Algorithm algorithm);

class Hasher {
 public:
  explicit Hasher(Algorithm algorithm);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  void update(std::string_view bytes);
  std::string finish();  // raw digest bytes; the object is spent

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string digest(Algorithm algorithm, std::string_view bytes);  // raw bytes
inline std::string sha256(std::string_view bytes) { return digest(Algorithm::sha256, bytes); }
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64url(std::string_view bytes);  // no padding, as RECORD wants it
std::optional<std::string> from_base64url(std::string_view text);
std::string to_base64(std::string_view bytes);  // RFC 4648 with padding, for HTTP Basic

}  // namespace pkg::hash
