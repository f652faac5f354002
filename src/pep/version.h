#pragma once
// Versions and their order (PEP 440; version-specifiers spec). parse(to_string(v)) == v.

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

// The parts of a version. Numbers beyond 64 bits are kept (see `big` in the .cpp); equality ignores trailing zeros of the release, as the order does.
enum class PreKind : std::uint8_t { none, a, b, rc };

// A value of one machine word or two: ordinary versions are packed into a 64-bit key that compares like the version; all others point to a shared
// immutable body. Copying is cheap, comparing two packed ones is one integer comparison. Resolving compares versions millions of times.
class Version {
 public:
  Version() = default;                                   // "0"
  static Result<Version> parse(std::string_view text);   // bad_data; all spellings PEP 440 permits
  static std::optional<Version> try_parse(std::string_view text);  // the same without building an error
  static Version from_release(std::span<const std::uint64_t> release);

  std::string to_string() const;        // normal form
  std::string without_local() const;    // "public" part, normal form
  std::string base() const;             // epoch and release only

  std::uint64_t epoch() const;
  std::vector<std::uint64_t> release() const;            // as written, trailing zeros included
  PreKind pre_kind() const;
  std::uint64_t pre_number() const;
  std::optional<std::uint64_t> post() const;
  std::optional<std::uint64_t> dev() const;
  std::string local() const;                             // normal form, empty when none
  bool is_prerelease() const;                            // pre or dev
  bool is_postrelease() const { return post().has_value(); }
  bool is_devrelease() const { return dev().has_value(); }
  bool has_local() const;

  Version strip_local() const;
  Version base_version() const;                          // epoch and release as a version

  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }
  std::size_t hash() const;                              // equal versions hash alike

 private:
  struct Body;
  std::uint64_t key_ = 0;
  std::shared_ptr<const Body> body_;
};

inline std::string to_string(const Version& version) { return version.to_string(); }

}  // namespace pkg::pep

template <>
struct std::hash<pkg::pep::Version> {
  std::size_t operator()(const pkg::pep::Version& version) const noexcept { return version.hash(); }
};
