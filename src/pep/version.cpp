#include "pep/version.h"

#include <atomic>

#include "base/text.h"
#include "pep/version_parts.h"

// The packed form. `order_` holds the first three release numbers, `rest_` everything else, most significant first, so
// that comparing the two words compares the versions. Below the bits that count for the order lie the number of release
// segments as written ("1.0" prints as it was) and the mark that tells a packed version from a pointer.
//
//   order_   63 ... 39 release[0]   38 ... 19 release[1]   18 ... 0 release[2]
//   rest_    63 ... 39 release[3]   38 ... 36 phase        35 ... 11 number of the phase
//            10 ... 4 dev (127: none)   3 ... 1 segments - 1   0 mark
//
// Phases: dev-only releases (their number is the dev number), a, b, rc, final, post: the order within one release.

namespace pkg::pep {

namespace {

constexpr std::uint64_t kBits25 = (1U << 25U) - 1, kBits20 = (1U << 20U) - 1, kBits19 = (1U << 19U) - 1;
constexpr std::uint64_t kNoDev = 127;
constexpr std::uint64_t kPhaseDev = 0, kPhaseFinal = 4, kPhasePost = 5;  // 1, 2, 3 are PreKind
constexpr std::size_t kMostSegments = 8;

struct Small {
  std::uint64_t release[4] = {0, 0, 0, 0};
  std::size_t segments = 0;
  std::uint64_t phase = kPhaseFinal, number = 0, dev = kNoDev;

  bool fits() const {
    return release[0] <= kBits25 && release[1] <= kBits20 && release[2] <= kBits19 && release[3] <= kBits25 &&
           number <= kBits25;
  }
  std::uint64_t order() const { return release[0] << 39U | release[1] << 19U | release[2]; }
  std::uint64_t rest() const {
    return release[3] << 39U | phase << 36U | number << 11U | dev << 4U | (segments - 1) << 1U | 1U;
  }
};

Small unpack(std::uint64_t order, std::uint64_t rest) {
  return {.release = {order >> 39U, (order >> 19U) & kBits20, order & kBits19, rest >> 39U},
          .segments = ((rest >> 1U) & 7U) + 1,
          .phase = (rest >> 36U) & 7U,
          .number = (rest >> 11U) & kBits25,
          .dev = (rest >> 4U) & 127U};
}

// A number as it stands in the normal form: no leading zeros, at most eight digits. Anything else is left to the
// complete parser.
bool take_small(const char*& at, const char* end, std::uint64_t& value) {
  const char* const start = at;
  std::uint64_t sum = 0;
  while (at != end && is_ascii_digit(*at)) sum = sum * 10 + static_cast<std::uint64_t>(*at++ - '0');
  if (at == start || at - start > 8 || (*start == '0' && at - start > 1)) return false;
  value = sum;
  return true;
}

bool take_word(const char*& at, const char* end, std::string_view word) {
  if (static_cast<std::size_t>(end - at) < word.size() || std::string_view(at, word.size()) != word) return false;
  at += word.size();
  return true;
}

bool take_small_release(const char*& at, const char* end, Small& small) {
  for (;;) {
    std::uint64_t number = 0;
    if (!take_small(at, end, number)) return false;
    if (small.segments < 4) {
      small.release[small.segments] = number;
    } else if (number != 0) {
      return false;
    }
    if (++small.segments > kMostSegments) return false;
    if (end - at < 2 || *at != '.' || !is_ascii_digit(at[1])) return true;
    ++at;
  }
}

bool take_small_suffix(const char*& at, const char* end, Small& small) {
  if (take_word(at, end, ".dev")) {
    small.phase = kPhaseDev;
    return take_small(at, end, small.number);
  }
  if (take_word(at, end, ".post")) {
    small.phase = kPhasePost;
  } else if (take_word(at, end, "rc")) {
    small.phase = static_cast<std::uint64_t>(PreKind::rc);
  } else if (*at == 'a' || *at == 'b') {
    small.phase = static_cast<std::uint64_t>(*at++ == 'a' ? PreKind::a : PreKind::b);
  } else {
    return false;
  }
  if (!take_small(at, end, small.number)) return false;
  if (!take_word(at, end, ".dev")) return true;
  return take_small(at, end, small.dev) && small.dev < kNoDev;
}

std::uint64_t to_u64(std::string_view decimal) { return parse_u64(decimal).value_or(UINT64_MAX); }

// The parts in small form; `segments` may be more than fit. Nullopt when a number is too large or the combination has
// no phase.
std::optional<Small> shrink(const VersionParts& parts) {
  if (parts.epoch != "0" || (parts.pre != PreKind::none && parts.post)) return std::nullopt;
  Small small{.segments = parts.release.size()};
  for (std::size_t i = 0; i < parts.release.size(); ++i) {
    if (i < 4) {
      small.release[i] = to_u64(parts.release[i]);
    } else if (parts.release[i] != "0") {
      return std::nullopt;
    }
  }
  if (parts.pre != PreKind::none) {
    small.phase = static_cast<std::uint64_t>(parts.pre);
    small.number = to_u64(parts.pre_number);
  } else if (parts.post) {
    small.phase = kPhasePost;
    small.number = to_u64(*parts.post);
  } else if (parts.dev) {
    small.phase = kPhaseDev;
    small.number = to_u64(*parts.dev);
  }
  if (parts.dev && small.phase != kPhaseDev) {
    small.dev = to_u64(*parts.dev);
    if (small.dev >= kNoDev) return std::nullopt;
  }
  if (!small.fits()) return std::nullopt;
  return small;
}

void append_release(std::string& out, const Small& small) {
  for (std::size_t i = 0; i < small.segments; ++i) {
    if (i > 0) out.push_back('.');
    append(out, i < 4 ? small.release[i] : 0);
  }
}

void append_suffix(std::string& out, const Small& small) {
  static constexpr std::string_view kNames[] = {".dev", "a", "b", "rc", "", ".post"};
  if (small.phase != kPhaseFinal) append(out, kNames[small.phase], small.number);
  if (small.dev != kNoDev) append(out, ".dev", small.dev);
}

}  // namespace

// What orders the public part when it is small: `order` and `rest` without the bits that do not count.
struct Version::Key {
  std::uint64_t order = 0, rest = 0;
  bool valid = false;
};

struct Version::Body {
  mutable std::atomic<std::uint32_t> users = 1;
  Key key;
  VersionParts parts;
};

void Version::retain() const noexcept { body()->users.fetch_add(1, std::memory_order_relaxed); }

void Version::release_body() noexcept {
  if (body()->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete body();
}

Version Version::from_parts(VersionParts parts) {
  const std::optional<Small> small = shrink(parts);
  if (small && parts.local.empty() && small->segments <= kMostSegments) return Version(small->order(), small->rest());
  auto* body = new Body;
  if (small) {
    Small counted = *small;
    counted.segments = 1;
    body->key = {counted.order(), counted.rest() >> kOrderShift, true};
  }
  body->parts = std::move(parts);
  return Version(0, reinterpret_cast<std::uint64_t>(body));
}

std::optional<Version> Version::parse_usual(const char* at, const char* end) {
  Small small;
  if (!take_small_release(at, end, small)) return std::nullopt;
  if (at != end && (!take_small_suffix(at, end, small) || at != end)) return std::nullopt;
  if (!small.fits()) return std::nullopt;
  return Version(small.order(), small.rest());
}

std::optional<Version> Version::try_parse(std::string_view text) {
  if (auto usual = parse_usual(text.data(), text.data() + text.size())) return usual;
  auto parts = parse_version_parts(text);
  if (!parts) return std::nullopt;
  return from_parts(std::move(*parts));
}

std::optional<Version> Version::try_parse(std::string_view text, bool& is_normal) {
  is_normal = true;
  if (auto usual = parse_usual(text.data(), text.data() + text.size())) return usual;
  auto version = try_parse(text);
  is_normal = version && version->to_string() == text;
  return version;
}

Result<Version> Version::parse(std::string_view text) {
  if (auto version = try_parse(text)) return std::move(*version);
  return make_error(ErrorKind::bad_data,
                    cat(quote(text), " is not a version: expected numbers with dots, such as 1.2 or 2.0rc1"));
}

Version Version::from_release(std::span<const std::uint64_t> release) {
  VersionParts parts;
  for (const std::uint64_t number : release) parts.release.push_back(cat(number));
  return from_parts(std::move(parts));
}

VersionParts Version::parts() const {
  if (!is_packed()) return body()->parts;
  const Small small = unpack(order_, rest_);
  VersionParts parts;
  for (std::size_t i = 0; i < small.segments; ++i) parts.release.push_back(i < 4 ? cat(small.release[i]) : "0");
  if (const PreKind pre = pre_kind(); pre != PreKind::none) {
    parts.pre = pre;
    parts.pre_number = cat(small.number);
  }
  if (const auto number = post()) parts.post = cat(*number);
  if (const auto number = dev()) parts.dev = cat(*number);
  return parts;
}

std::string Version::without_local() const {
  if (!is_packed()) return public_text(body()->parts);
  const Small small = unpack(order_, rest_);
  std::string out;
  append_release(out, small);
  append_suffix(out, small);
  return out;
}

std::string Version::to_string() const {
  std::string out = without_local();
  if (has_local()) append(out, '+', local());
  return out;
}

std::uint64_t Version::epoch() const { return is_packed() ? 0 : to_u64(body()->parts.epoch); }

std::vector<std::uint64_t> Version::release() const {
  std::vector<std::uint64_t> numbers;
  if (is_packed()) {
    const Small small = unpack(order_, rest_);
    for (std::size_t i = 0; i < small.segments; ++i) numbers.push_back(i < 4 ? small.release[i] : 0);
  } else {
    for (const Decimal& number : body()->parts.release) numbers.push_back(to_u64(number));
  }
  return numbers;
}

std::size_t Version::release_size() const {
  return is_packed() ? unpack(order_, rest_).segments : body()->parts.release.size();
}

PreKind Version::pre_kind() const {
  if (!is_packed()) return body()->parts.pre;
  const std::uint64_t phase = unpack(order_, rest_).phase;
  return phase >= 1 && phase <= 3 ? static_cast<PreKind>(phase) : PreKind::none;
}

std::uint64_t Version::pre_number() const {
  if (pre_kind() == PreKind::none) return 0;
  return is_packed() ? unpack(order_, rest_).number : to_u64(body()->parts.pre_number);
}

std::optional<std::uint64_t> Version::post() const {
  if (!is_packed()) return body()->parts.post ? std::optional(to_u64(*body()->parts.post)) : std::nullopt;
  const Small small = unpack(order_, rest_);
  return small.phase == kPhasePost ? std::optional(small.number) : std::nullopt;
}

std::optional<std::uint64_t> Version::dev() const {
  if (!is_packed()) return body()->parts.dev ? std::optional(to_u64(*body()->parts.dev)) : std::nullopt;
  const Small small = unpack(order_, rest_);
  if (small.phase == kPhaseDev) return small.number;
  return small.dev != kNoDev ? std::optional(small.dev) : std::nullopt;
}

std::string Version::local() const { return is_packed() ? std::string() : local_text(body()->parts); }

bool Version::has_local() const { return !is_packed() && !body()->parts.local.empty(); }

bool Version::is_prerelease() const {
  if (!is_packed()) return body()->parts.pre != PreKind::none || body()->parts.dev.has_value();
  const Small small = unpack(order_, rest_);
  return small.phase < kPhaseFinal || small.dev != kNoDev;
}

Version Version::strip_local() const {
  if (!has_local()) return *this;
  VersionParts parts = body()->parts;
  parts.local.clear();
  return from_parts(std::move(parts));
}

Version Version::base_version() const {
  if (is_packed()) {
    Small small = unpack(order_, rest_);
    small.phase = kPhaseFinal;
    small.number = 0;
    small.dev = kNoDev;
    return Version(small.order(), small.rest());
  }
  VersionParts parts;
  parts.epoch = body()->parts.epoch;
  parts.release = body()->parts.release;
  return from_parts(std::move(parts));
}

Version::Key Version::key() const { return is_packed() ? Key{order_, rest_ >> kOrderShift, true} : body()->key; }

std::strong_ordering Version::compare_public(const Version& other) const {
  const Key mine = key(), theirs = other.key();
  if (!mine.valid || !theirs.valid) [[unlikely]]
    return compare_public_parts(parts(), other.parts());
  return mine.order != theirs.order ? mine.order <=> theirs.order : mine.rest <=> theirs.rest;
}

std::strong_ordering Version::compare_bodies(const Version& other) const {
  if (const auto order = compare_public(other); order != 0) return order;
  if (!has_local() || !other.has_local()) return has_local() <=> other.has_local();
  return compare_locals(body()->parts, other.body()->parts);
}

bool Version::same_base(const Version& other) const { return same_prefix(other, std::string::npos); }

bool Version::same_prefix(const Version& other, std::size_t segments) const {
  const Key mine = key(), theirs = other.key();
  if (!mine.valid || !theirs.valid) [[unlikely]] {
    const VersionParts a = parts(), b = other.parts();
    return a.epoch == b.epoch && compare_releases(a, b, segments) == 0;
  }
  const std::uint64_t difference = mine.order ^ theirs.order;
  if (segments == 0) return true;
  if (segments == 1) return difference >> 39U == 0;
  if (segments == 2) return difference >> 19U == 0;
  if (difference != 0) return false;
  return segments == 3 || mine.rest >> (39U - kOrderShift) == theirs.rest >> (39U - kOrderShift);
}

std::size_t Version::hash() const {
  const Key mine = key();
  std::uint64_t mixed = 0;
  if (mine.valid) {
    mixed = (mine.order ^ (mine.rest * 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL;
    mixed ^= mixed >> 32U;
  } else {
    VersionParts parts = body()->parts;
    while (parts.release.size() > 1 && parts.release.back() == "0") parts.release.pop_back();
    mixed = std::hash<std::string>{}(public_text(parts));
  }
  if (has_local()) mixed ^= std::hash<std::string>{}(local());
  return mixed;
}

}  // namespace pkg::pep
