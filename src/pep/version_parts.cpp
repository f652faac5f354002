#include "pep/version_parts.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "pep/white_space.h"

namespace pkg::pep {

namespace {

bool is_separator(char c) { return c == '-' || c == '_' || c == '.'; }

bool is_number(std::string_view segment) { return std::all_of(segment.begin(), segment.end(), is_ascii_digit); }

Decimal to_decimal(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

// Reads the grammar from left to right; each read_… either takes its part or leaves the place untouched.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<VersionParts> read() {
    VersionParts parts;
    if (!rest_.empty() && (rest_[0] == 'v' || rest_[0] == 'V')) rest_.remove_prefix(1);
    std::string_view first = take_digits();
    if (first.empty()) return std::nullopt;
    if (!rest_.empty() && rest_[0] == '!') {
      rest_.remove_prefix(1);
      parts.epoch = to_decimal(first);
      first = take_digits();
      if (first.empty()) return std::nullopt;
    }
    read_release(first, parts);
    read_pre(parts);
    read_post(parts);
    if (const auto dev = read_labelled({"dev"})) parts.dev = dev->second;
    if (!read_local(parts)) return std::nullopt;
    if (!rest_.empty()) return std::nullopt;
    return parts;
  }

 private:
  std::string_view take_digits() {
    std::size_t n = 0;
    while (n < rest_.size() && is_ascii_digit(rest_[n])) ++n;
    const std::string_view digits = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return digits;
  }

  void read_release(std::string_view first, VersionParts& parts) {
    parts.release.push_back(to_decimal(first));
    while (rest_.size() >= 2 && rest_[0] == '.' && is_ascii_digit(rest_[1])) {
      rest_.remove_prefix(1);
      parts.release.push_back(to_decimal(take_digits()));
    }
  }

  // [separator] label [separator] [number]: the index of the label and the number, which is 0 when left out.
  std::optional<std::pair<std::size_t, Decimal>> read_labelled(std::initializer_list<std::string_view> labels) {
    std::string_view at = rest_;
    if (!at.empty() && is_separator(at[0])) at.remove_prefix(1);
    std::size_t index = 0;
    for (const std::string_view label : labels) {
      if (at.size() >= label.size() && equals_ignoring_case(at.substr(0, label.size()), label)) {
        at.remove_prefix(label.size());
        if (!at.empty() && is_separator(at[0])) at.remove_prefix(1);
        rest_ = at;
        return std::pair{index, to_decimal(take_digits())};
      }
      ++index;
    }
    return std::nullopt;
  }

  void read_pre(VersionParts& parts) {
    static constexpr PreKind kKinds[] = {PreKind::a,  PreKind::a,  PreKind::b,  PreKind::b,
                                         PreKind::rc, PreKind::rc, PreKind::rc, PreKind::rc};
    auto pre = read_labelled({"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"});
    if (!pre) return;
    parts.pre = kKinds[pre->first];
    parts.pre_number = std::move(pre->second);
  }

  void read_post(VersionParts& parts) {
    if (rest_.size() >= 2 && rest_[0] == '-' && is_ascii_digit(rest_[1])) {
      rest_.remove_prefix(1);
      parts.post = to_decimal(take_digits());
    } else if (auto post = read_labelled({"post", "rev", "r"})) {
      parts.post = std::move(post->second);
    }
  }

  // False when a "+" is not followed by well-formed segments.
  bool read_local(VersionParts& parts) {
    if (rest_.empty() || rest_[0] != '+') return true;
    do {
      rest_.remove_prefix(1);
      std::size_t n = 0;
      while (n < rest_.size() && is_ascii_alnum(rest_[n])) ++n;
      if (n == 0) return false;
      const std::string_view segment = rest_.substr(0, n);
      parts.local.push_back(is_number(segment) ? to_decimal(segment) : to_ascii_lower(segment));
      rest_.remove_prefix(n);
    } while (!rest_.empty() && is_separator(rest_[0]));
    return true;
  }

  std::string_view rest_;
};

// The place of a version among those of its release: dev-only, a, b, rc, final and post.
int phase(const VersionParts& parts) {
  if (parts.pre != PreKind::none) return static_cast<int>(parts.pre);
  return !parts.post && parts.dev ? 0 : 4;
}

std::strong_ordering compare_segments(const std::string& a, const std::string& b) {
  const bool a_number = is_number(a), b_number = is_number(b);
  if (a_number && b_number) return compare_decimals(a, b);
  if (a_number != b_number) return a_number <=> b_number;  // numbers come after words
  return a.compare(b) <=> 0;
}

}  // namespace

std::optional<VersionParts> parse_version_parts(std::string_view text) { return Reader(strip_spaces(text)).read(); }

std::string base_text(const VersionParts& parts) {
  std::string out;
  if (parts.epoch != "0") append(out, parts.epoch, '!');
  out += join(parts.release, ".");
  return out;
}

std::string public_text(const VersionParts& parts) {
  static constexpr std::string_view kNames[] = {"", "a", "b", "rc"};
  std::string out = base_text(parts);
  if (parts.pre != PreKind::none) append(out, kNames[static_cast<int>(parts.pre)], parts.pre_number);
  if (parts.post) append(out, ".post", *parts.post);
  if (parts.dev) append(out, ".dev", *parts.dev);
  return out;
}

std::string local_text(const VersionParts& parts) { return join(parts.local, "."); }

std::strong_ordering compare_decimals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_releases(const VersionParts& a, const VersionParts& b, std::size_t segments) {
  static const Decimal kNone = "0";
  for (std::size_t i = 0; i < segments && i < std::max(a.release.size(), b.release.size()); ++i) {
    const auto order =
        compare_decimals(i < a.release.size() ? a.release[i] : kNone, i < b.release.size() ? b.release[i] : kNone);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compare_public_parts(const VersionParts& a, const VersionParts& b) {
  if (const auto order = compare_decimals(a.epoch, b.epoch); order != 0) return order;
  if (const auto order = compare_releases(a, b, std::string::npos); order != 0) return order;
  if (const auto order = phase(a) <=> phase(b); order != 0) return order;
  if (const auto order = compare_decimals(a.pre_number, b.pre_number); order != 0) return order;
  if (a.post.has_value() != b.post.has_value()) return a.post.has_value() <=> b.post.has_value();
  if (a.post) {
    if (const auto order = compare_decimals(*a.post, *b.post); order != 0) return order;
  }
  if (a.dev.has_value() != b.dev.has_value())
    return b.dev.has_value() <=> a.dev.has_value();  // a dev release comes before
  return a.dev ? compare_decimals(*a.dev, *b.dev) : std::strong_ordering::equal;
}

std::strong_ordering compare_locals(const VersionParts& a, const VersionParts& b) {
  for (std::size_t i = 0; i < std::min(a.local.size(), b.local.size()); ++i) {
    if (const auto order = compare_segments(a.local[i], b.local[i]); order != 0) return order;
  }
  return a.local.size() <=> b.local.size();
}

}  // namespace pkg::pep
