#pragma once
// Versions and their order (PEP 440; version-specifiers spec). parse(to_string(v)) == v.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

enum class PreKind : std::uint8_t { none, a, b, rc };

struct VersionParts;

// Sixteen bytes. Ordinary versions live in them, packed so that comparing two is comparing integers; all others (a
// local label, an epoch, huge numbers, many segments, "a1.post1") share an immutable counted body. Resolving compares
// versions millions of times. Numbers have no limit. Threads: any, as an int: copies may be used at once in several
// threads.
class Version {
 public:
  Version() noexcept = default;  // "0"
  static Result<Version> parse(
      std::string_view text);  // bad_data; all spellings PEP 440 permits, white space around them too
  static std::optional<Version> try_parse(std::string_view text);  // the same without building an error
  static std::optional<Version> try_parse(std::string_view text,
                                          bool& is_normal);             // is_normal: `text` is the normal form
  static Version from_release(std::span<const std::uint64_t> release);  // precondition: not empty

  Version(const Version& other) noexcept : order_(other.order_), rest_(other.rest_) {
    if (!is_packed()) retain();
  }
  Version(Version&& other) noexcept
      : order_(std::exchange(other.order_, 0)), rest_(std::exchange(other.rest_, kZero)) {}
  Version& operator=(const Version& other) noexcept {
    Version copy(other);
    swap(copy);
    return *this;
  }
  Version& operator=(Version&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Version() {
    if (!is_packed()) release_body();
  }
  void swap(Version& other) noexcept {
    std::swap(order_, other.order_);
    std::swap(rest_, other.rest_);
  }

  std::string to_string() const;      // normal form
  std::string without_local() const;  // "public" part, normal form

  // Numbers beyond 64 bits are given as 2^64-1; the texts above and the order have them in full.
  std::uint64_t epoch() const;
  std::vector<std::uint64_t> release() const;  // as written, trailing zeros included
  std::size_t release_size() const;
  PreKind pre_kind() const;
  std::uint64_t pre_number() const;
  std::optional<std::uint64_t> post() const;
  std::optional<std::uint64_t> dev() const;
  std::string local() const;   // normal form, empty when none
  bool is_prerelease() const;  // pre or dev
  bool is_postrelease() const { return post().has_value(); }
  bool is_devrelease() const { return dev().has_value(); }
  bool has_local() const;

  Version strip_local() const;
  Version base_version() const;  // epoch and release as a version

  std::strong_ordering operator<=>(const Version& other) const {
    if (!is_packed() || !other.is_packed()) [[unlikely]]
      return compare_bodies(other);
    if (order_ != other.order_) return order_ <=> other.order_;
    return (rest_ >> kOrderShift) <=> (other.rest_ >> kOrderShift);
  }
  bool operator==(const Version& other) const {
    return (*this <=> other) == 0;
  }                          // trailing zeros of the release do not count
  std::size_t hash() const;  // equal versions hash alike

  std::strong_ordering compare_public(const Version& other) const;  // both without their local labels
  bool same_base(const Version& other) const;                       // epochs and releases are equal
  // Epochs are equal, and so are the first `segments` numbers of the releases (both padded with zeros): what "==1.2.*"
  // asks.
  bool same_prefix(const Version& other, std::size_t segments) const;

 private:
  struct Body;
  struct Key;
  static constexpr unsigned kOrderShift = 4;
  static constexpr std::uint64_t kZero =
      (4ULL << 36U) | (127ULL << 4U) | 1U;  // the packed form of "0"; layout in version.cpp

  Version(std::uint64_t order, std::uint64_t rest) noexcept : order_(order), rest_(rest) {}
  static Version from_parts(VersionParts parts);
  static std::optional<Version> parse_usual(const char* at, const char* end);
  bool is_packed() const { return (rest_ & 1U) != 0; }
  const Body* body() const { return reinterpret_cast<const Body*>(rest_); }
  void retain() const noexcept;
  void release_body() noexcept;
  Key key() const;
  VersionParts parts() const;
  std::strong_ordering compare_bodies(const Version& other) const;

  std::uint64_t order_ = 0;     // the first three release numbers
  std::uint64_t rest_ = kZero;  // bit 0 set: the rest, packed; else a pointer to the body
};

inline std::string to_string(const Version& version) { return version.to_string(); }

}  // namespace pkg::pep

template <>
struct std::hash<pkg::pep::Version> {
  std::size_t operator()(const pkg::pep::Version& version) const noexcept { return version.hash(); }
};
