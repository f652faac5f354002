#include "pep/specifier.h"

#include <algorithm>
#include <compare>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "pep/white_space.h"

namespace pkg::pep {

namespace {

constexpr std::string_view kSpecifierOperators[] = {"==", "!=", "<=", ">=", "<", ">", "~=", "==="};

std::optional<Operator> take_operator(std::string_view& text) {
  if (text.starts_with("===")) {
    text.remove_prefix(3);
    return Operator::arbitrary;
  }
  for (std::size_t i = 0; i < 7; ++i) {
    if (text.starts_with(kSpecifierOperators[i])) {
      text.remove_prefix(kSpecifierOperators[i].size());
      return static_cast<Operator>(i);
    }
  }
  return std::nullopt;
}

// What === compares with: anything that cannot be mistaken for the end of a requirement.
bool is_arbitrary_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ';' || text[i] == ')' || leading_space(text.substr(i)) > 0) return false;
  }
  return true;
}

bool is_release_only(const Version& version) {
  return !version.is_prerelease() && !version.is_postrelease() && !version.has_local();
}

std::optional<Specifier> parse_wildcard(Operator op, std::string_view text) {
  const std::string_view prefix = text.substr(0, text.size() - 2);
  if (op != Operator::equal && op != Operator::not_equal) return std::nullopt;
  if (prefix.empty() || !is_ascii_digit(prefix.back())) return std::nullopt;
  bool is_normal = false;
  auto version = Version::try_parse(prefix, is_normal);
  if (!version || !is_release_only(*version)) return std::nullopt;
  return Specifier{.op = op,
                   .version = std::move(*version),
                   .wildcard = true,
                   .text = is_normal ? std::string() : std::string(text)};
}

// Whether a version smaller than `bound` is one of its own pre-releases. Precondition: `bound` is none itself.
bool is_prerelease_of(const Version& version, const Version& bound) {
  if (!version.is_prerelease() || !version.same_base(bound)) return false;
  if (!bound.is_postrelease()) return true;
  return version.is_devrelease() && version.pre_kind() == PreKind::none && version.post() == bound.post();
}

// Whether a version greater than `bound` is one of its post-releases. Precondition: `bound` is neither a post- nor a
// dev-release.
bool is_postrelease_of(const Version& version, const Version& bound) {
  return version.is_postrelease() && version.same_base(bound) && version.pre_kind() == bound.pre_kind() &&
         version.pre_number() == bound.pre_number();
}

bool is_less(const Version& version, const Version& bound) {
  return version.compare_public(bound) < 0 && (bound.is_prerelease() || !is_prerelease_of(version, bound));
}

bool is_greater(const Version& version, const Version& bound) {
  return version.compare_public(bound) > 0 &&
         (bound.is_postrelease() || bound.is_devrelease() || !is_postrelease_of(version, bound));
}

bool is_equal(const Specifier& specifier, const Version& version) {
  if (specifier.wildcard) return version.same_prefix(specifier.version, specifier.version.release_size());
  return specifier.version.has_local() ? version == specifier.version : version.compare_public(specifier.version) == 0;
}

// The order of the texts. Two operators decide it unless one begins like the other.
bool comes_before(const Specifier& a, const Specifier& b) {
  const std::string_view a_op = to_string(a.op), b_op = to_string(b.op);
  if (!a_op.starts_with(b_op) && !b_op.starts_with(a_op)) return a_op < b_op;
  return a.to_string() < b.to_string();
}

bool has_too_many_specifiers(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) >= SpecifierSet::kMost;
}

constexpr std::size_t kFew = 16;  // are compared each with each

// What operator== compares, in some order.
std::strong_ordering by_meaning(const Specifier& a, const Specifier& b) {
  if (const auto order = std::tie(a.op, a.wildcard) <=> std::tie(b.op, b.wildcard); order != 0) return order;
  if (a.op == Operator::arbitrary) return a.text.compare(b.text) <=> 0;
  if (const auto order = a.version <=> b.version; order != 0) return order;
  const bool segments_count = a.wildcard || a.op == Operator::compatible;
  return segments_count ? a.version.release_size() <=> b.version.release_size() : std::strong_ordering::equal;
}

// Which say what one before them says.
std::vector<bool> doubles_of(const std::vector<Specifier>& parts) {
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return by_meaning(parts[a], parts[b]) < 0; });
  std::vector<bool> doubles(parts.size());
  for (std::size_t i = 1; i < order.size(); ++i) doubles[order[i]] = parts[order[i]] == parts[order[i - 1]];
  return doubles;
}

}  // namespace

std::string_view to_string(Operator op) { return kSpecifierOperators[static_cast<int>(op)]; }

std::optional<Specifier> Specifier::try_parse(std::string_view text) {
  text = strip_spaces(text);
  const auto op = take_operator(text);
  if (!op) return std::nullopt;
  return try_parse(*op, text);
}

std::optional<Specifier> Specifier::try_parse(Operator op, std::string_view text) {
  text = strip_spaces(text);
  if (op == Operator::arbitrary) {
    if (!is_arbitrary_text(text)) return std::nullopt;
    return Specifier{.op = op,
                     .version = Version::try_parse(text).value_or(Version()),
                     .wildcard = false,
                     .text = std::string(text)};
  }
  if (text.ends_with(".*")) return parse_wildcard(op, text);
  bool is_normal = false;
  auto version = Version::try_parse(text, is_normal);
  if (!version) return std::nullopt;
  if (version->has_local() && op != Operator::equal && op != Operator::not_equal) return std::nullopt;
  if (op == Operator::compatible && version->release_size() < 2) return std::nullopt;
  return Specifier{.op = op,
                   .version = std::move(*version),
                   .wildcard = false,
                   .text = is_normal ? std::string() : std::string(text)};
}

Result<Specifier> Specifier::parse(std::string_view text) {
  if (auto specifier = try_parse(text)) return std::move(*specifier);
  return make_error(
      ErrorKind::bad_data,
      cat(quote(text), " is not a version specifier: expected one such as `>=1.2`, `==1.2.*` or `~=1.2`"));
}

bool Specifier::contains(const Version& candidate) const {
  switch (op) {
    case Operator::equal:
      return is_equal(*this, candidate);
    case Operator::not_equal:
      return !is_equal(*this, candidate);
    case Operator::less_equal:
      return candidate.compare_public(version) <= 0;
    case Operator::greater_equal:
      return candidate.compare_public(version) >= 0;
    case Operator::less:
      return is_less(candidate, version);
    case Operator::greater:
      return is_greater(candidate, version);
    case Operator::compatible:
      return candidate.compare_public(version) >= 0 && candidate.same_prefix(version, version.release_size() - 1);
    case Operator::arbitrary:
      break;
  }
  return equals_ignoring_case(candidate.to_string(), text);
}

bool Specifier::contains(const Version& candidate, std::string_view candidate_text) const {
  return op == Operator::arbitrary ? equals_ignoring_case(candidate_text, text) : contains(candidate);
}

bool Specifier::contains_text(std::string_view candidate_text) const {
  if (op == Operator::arbitrary) return equals_ignoring_case(candidate_text, text);
  const auto candidate = Version::try_parse(candidate_text);
  return candidate && contains(*candidate);
}

bool Specifier::mentions_prerelease() const { return op != Operator::not_equal && version.is_prerelease(); }

std::string Specifier::version_text() const {
  if (!text.empty() || op == Operator::arbitrary) return text;
  return wildcard ? version.to_string() + ".*" : version.to_string();
}

std::string Specifier::to_string() const { return cat(pep::to_string(op), version_text()); }

bool Specifier::operator==(const Specifier& other) const {
  if (op != other.op || wildcard != other.wildcard) return false;
  if (op == Operator::arbitrary) return text == other.text;
  const bool segments_count = wildcard || op == Operator::compatible;
  return version == other.version && (!segments_count || version.release_size() == other.version.release_size());
}

std::optional<SpecifierSet> SpecifierSet::try_parse(std::string_view text) {
  if (has_too_many_specifiers(text)) return std::nullopt;
  std::vector<Specifier> parts;
  parts.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1);
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view piece = strip_spaces(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (piece.empty()) continue;
    auto specifier = Specifier::try_parse(piece);
    if (!specifier) return std::nullopt;
    parts.push_back(std::move(*specifier));
  }
  return from_parts(std::move(parts));
}

Result<SpecifierSet> SpecifierSet::parse(std::string_view text) {
  if (auto set = try_parse(text)) return std::move(*set);
  if (has_too_many_specifiers(text))
    return make_error(ErrorKind::bad_data,
                      cat("there are more than ", SpecifierSet::kMost, " version specifiers in one list"));
  for (const std::string_view piece : split(text, ',')) {
    if (!strip_spaces(piece).empty()) PKG_TRY(Specifier::parse(strip_spaces(piece)));
  }
  return SpecifierSet();
}

SpecifierSet SpecifierSet::from_parts(std::vector<Specifier> parts) {
  SpecifierSet set;
  set.parts_ = std::move(parts);
  set.normalize();
  return set;
}

void SpecifierSet::normalize() {
  if (parts_.size() < 2) return;
  std::sort(parts_.begin(), parts_.end(), comes_before);
  const auto is_double = [this](const Specifier& part) {
    return std::find(std::as_const(parts_).data(), &part, part) != &part;
  };
  if (parts_.size() <= kFew && std::none_of(parts_.begin(), parts_.end(), is_double)) return;
  const auto doubles = doubles_of(parts_);
  std::vector<Specifier> kept;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!doubles[i]) kept.push_back(std::move(parts_[i]));
  }
  parts_ = std::move(kept);
}

bool SpecifierSet::contains(const Version& version) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const Specifier& part) { return part.contains(version); });
}

bool SpecifierSet::contains(const Version& version, std::string_view version_text) const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [&](const Specifier& part) { return part.contains(version, version_text); });
}

bool SpecifierSet::contains_text(std::string_view version_text) const {
  const auto version = Version::try_parse(version_text);
  return std::all_of(parts_.begin(), parts_.end(), [&](const Specifier& part) {
    return part.op == Operator::arbitrary ? part.contains_text(version_text) : version && part.contains(*version);
  });
}

bool SpecifierSet::mentions_prerelease() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Specifier& part) { return part.mentions_prerelease(); });
}

SpecifierSet SpecifierSet::intersect(const SpecifierSet& other) const {
  SpecifierSet both = *this;
  both.parts_.insert(both.parts_.end(), other.parts_.begin(), other.parts_.end());
  both.normalize();
  return both;
}

std::string SpecifierSet::to_string() const {
  std::string out;
  for (const Specifier& part : parts_) {
    if (!out.empty()) out.push_back(',');
    out += part.to_string();
  }
  return out;
}

}  // namespace pkg::pep
