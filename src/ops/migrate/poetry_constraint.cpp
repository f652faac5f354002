#include "ops/migrate/poetry_constraint.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"

namespace pkg::ops {
namespace {

using pep::Operator;
using pep::Specifier;
using pep::Version;
using Numbers = std::vector<std::uint64_t>;

constexpr std::size_t kMostAlternatives = 100, kMostExclusions = 50;

// ---- reading

struct Part {
  std::string op, version;
};

bool is_operator_char(char c) { return std::string_view("^~=<>!").find(c) != std::string_view::npos; }

// `1!2.0` is a version with an epoch, `1!=2` is none.
std::size_t end_of_version(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_ascii_space(text[at]) && text[at] != ',') {
    const bool is_epoch = text[at] == '!' && at + 1 < text.size() && text[at + 1] != '=';
    if (is_operator_char(text[at]) && !is_epoch) break;
    ++at;
  }
  return at;
}

// Commas and white space part what must hold together; white space may stand behind an operator.
std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  std::size_t at = 0;
  const auto skip = [&](auto is_skipped) {
    const auto begin = at;
    while (at < text.size() && is_skipped(text[at])) ++at;
    return std::string(text.substr(begin, at - begin));
  };
  const auto is_between = [](char c) { return is_ascii_space(c) || c == ','; };
  for (skip(is_between); at < text.size(); skip(is_between)) {
    Part part;
    part.op = skip(is_operator_char);
    skip(is_ascii_space);
    const auto end = end_of_version(text, at);
    part.version = text.substr(at, end - at);
    at = end;
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string version_text(const Version& like, const Numbers& release) {
  std::string text = like.epoch() == 0 ? "" : cat(like.epoch(), '!');
  for (std::size_t i = 0; i < release.size(); ++i) append(text, i == 0 ? "" : ".", release[i]);
  return text;
}

// The next number at `index`, without what follows it.
std::string bumped(const Version& version, std::size_t index) {
  auto release = version.release();
  release.resize(index + 1);
  if (release[index] < UINT64_MAX) ++release[index];
  // As many numbers as were written, so that `^1.2` reads `>=1.2,<2.0`.
  release.resize(std::max<std::size_t>(std::min<std::size_t>(version.release_size(), 2), index + 1));
  return version_text(version, release);
}

// ^0.2.3: the first number that is not zero may not change.
std::size_t caret_index(const Version& version) {
  const auto release = version.release();
  const auto found = std::ranges::find_if(release, [](std::uint64_t number) { return number != 0; });
  return std::min(static_cast<std::size_t>(found - release.begin()), release.size() - 1);
}

using Specifiers = std::vector<Specifier>;

bool add(Specifiers& out, Operator op, const std::string& version) {
  auto specifier = Specifier::try_parse(op, version);
  if (specifier) out.push_back(*std::move(specifier));
  return specifier.has_value();
}

// `1.2.*`, `1.2.x`: without the last part; nullopt: no wildcard.
std::optional<std::string> before_wildcard(std::string_view version) {
  if (version == "*") return std::string();
  for (const auto* end : {".*", ".x", ".X"})
    if (version.ends_with(end)) return std::string(version.substr(0, version.size() - 2));
  return std::nullopt;
}

bool add_wildcard(Specifiers& out, const std::string& op, const std::string& before) {
  if (before.empty()) return op.empty() || op == "==" || op == "=" || op == ">=" || op == "^" || op == "~";
  if (op == "!=") return add(out, Operator::not_equal, before + ".*");
  if (op.empty() || op == "==" || op == "=") return add(out, Operator::equal, before + ".*");
  return false;
}

std::optional<Operator> operator_named(std::string_view op) {
  if (op.empty() || op == "=" || op == "==") return Operator::equal;
  if (op == "!=") return Operator::not_equal;
  if (op == ">=") return Operator::greater_equal;
  if (op == "<=") return Operator::less_equal;
  if (op == ">") return Operator::greater;
  if (op == "<") return Operator::less;
  if (op == "~=") return Operator::compatible;
  if (op == "===") return Operator::arbitrary;
  return std::nullopt;
}

bool add_part(Specifiers& out, const Part& part) {
  if (const auto before = before_wildcard(part.version)) return add_wildcard(out, part.op, *before);
  const auto version = Version::try_parse(part.version);
  if (!version) return false;
  if (part.op == "^" || part.op == "~") {
    const auto index = part.op == "^" ? caret_index(*version) : std::min<std::size_t>(version->release_size() - 1, 1);
    return add(out, Operator::greater_equal, part.version) && add(out, Operator::less, bumped(*version, index));
  }
  const auto op = operator_named(part.op);
  return op && add(out, *op, part.version);
}

Result<pep::SpecifierSet> parse_alternative(std::string_view text, std::string_view whole) {
  const auto parts = parts_of(text);
  if (parts.size() > pep::SpecifierSet::kMost)
    return make_error(ErrorKind::bad_data, cat("more than ", pep::SpecifierSet::kMost, " parts in a constraint"));
  Specifiers specifiers;
  for (const auto& part : parts) {
    if (!add_part(specifiers, part))
      return make_error(ErrorKind::bad_data, cat(quote(cat(part.op, part.version)), " in ", quote(whole),
                                                 " is no version constraint of Poetry"));
  }
  return pep::SpecifierSet::from_parts(std::move(specifiers));
}

// ---- alternatives as intervals

struct End {
  Version version;
  bool is_in = false;
};
struct Interval {
  std::optional<End> low, high;  // absent: no bound
};

void raise_low(Interval& interval, End end) {
  auto& low = interval.low;
  if (!low || end.version > low->version || (end.version == low->version && !end.is_in)) low = std::move(end);
}
void lower_high(Interval& interval, End end) {
  auto& high = interval.high;
  if (!high || end.version < high->version || (end.version == high->version && !end.is_in)) high = std::move(end);
}

std::optional<Version> after_prefix(const Version& version, std::size_t numbers) {
  if (numbers == 0) return std::nullopt;
  return Version::try_parse(bumped(version, numbers - 1));
}

bool narrow(Interval& interval, const Specifier& specifier) {
  const auto& version = specifier.version;
  switch (specifier.op) {
    case Operator::greater_equal:
    case Operator::greater:
      raise_low(interval, {version, specifier.op == Operator::greater_equal});
      return true;
    case Operator::less_equal:
    case Operator::less:
      lower_high(interval, {version, specifier.op == Operator::less_equal});
      return true;
    case Operator::equal:
    case Operator::compatible: {
      raise_low(interval, {version, true});
      if (specifier.op == Operator::equal && !specifier.wildcard) {
        lower_high(interval, {version, true});
        return true;
      }
      const auto numbers = version.release_size() - (specifier.wildcard ? 0 : 1);
      const auto next = after_prefix(version, numbers);
      if (next) lower_high(interval, {*next, false});
      return next.has_value();
    }
    case Operator::not_equal:
    case Operator::arbitrary:
      break;
  }
  return false;
}

// nullopt: it has holes.
std::optional<Interval> interval_of(const pep::SpecifierSet& set) {
  Interval interval;
  for (const auto& part : set.parts())
    if (!narrow(interval, part)) return std::nullopt;
  return interval;
}

bool low_is_less(const Interval& a, const Interval& b) {
  if (!a.low || !b.low) return !a.low && b.low;
  if (a.low->version != b.low->version) return a.low->version < b.low->version;
  return a.low->is_in && !b.low->is_in;
}

// Adds what lies between two alternatives, as `!=`. False: specifiers cannot say it.
bool exclude_gap(const End& high, const End& low, Specifiers& out) {
  if (high.version == low.version)
    return high.is_in || low.is_in || add(out, Operator::not_equal, high.version.to_string());
  if (high.is_in || !low.is_in) return false;
  if (high.version.base_version() != high.version || low.version.base_version() != low.version) return false;
  if (high.version.epoch() != low.version.epoch()) return false;
  auto from = high.version.release(), to = low.version.release();
  const auto size = std::max(from.size(), to.size());
  from.resize(size);
  to.resize(size);
  // As short as the two can be written.
  while (from.size() > 1 && from.back() == 0 && to.back() == 0) {
    from.pop_back();
    to.pop_back();
  }
  if (!std::equal(from.begin(), from.end() - 1, to.begin())) return false;
  if (to.back() - from.back() > kMostExclusions) return false;
  for (auto prefix = from; prefix.back() < to.back(); ++prefix.back())
    if (!add(out, Operator::not_equal, version_text(high.version, prefix) + ".*")) return false;
  return true;
}

// Whether nothing lies between `high` and the alternative that begins at `low`.
bool touches(const std::optional<End>& high, const std::optional<End>& low) {
  if (!high || !low || high->version > low->version) return true;
  return high->version == low->version && (high->is_in || low->is_in);
}

bool is_higher(const std::optional<End>& a, const std::optional<End>& b) {
  if (!a || !b) return !a && b;
  return a->version > b->version || (a->version == b->version && a->is_in && !b->is_in);
}

// False: a bound cannot have this version (a local label).
bool add_end(Specifiers& out, const std::optional<End>& end, Operator in, Operator not_in) {
  return !end || add(out, end->is_in ? in : not_in, end->version.to_string());
}

// ---- markers

std::string comparison(std::string_view variable, std::string_view op, std::string_view version) {
  return cat(variable, ' ', op, " \"", version, '"');
}

bool is_lower_bound(Operator op) { return op == Operator::greater_equal || op == Operator::greater; }

// "python_version" knows two numbers.
std::string python_text(const Specifier& part) {
  const auto version = part.version.to_string();
  const auto op = to_string(part.op);
  const auto numbers = part.version.release_size();
  const bool is_short = numbers <= 2 && part.version.base_version() == part.version;
  if (part.op == Operator::compatible) {
    const auto next = bumped(part.version, numbers > 1 ? numbers - 2 : 0);
    const auto variable = is_short ? "python_version" : "python_full_version";
    return cat(comparison(variable, ">=", version), " and ", comparison("python_version", "<", next));
  }
  if (part.wildcard && numbers == 1) {
    const auto next = bumped(part.version, 0);
    const bool is_equal = part.op == Operator::equal;
    return cat(is_equal ? "" : "(", comparison("python_version", is_equal ? ">=" : "<", version),
               is_equal ? " and " : " or ", comparison("python_version", is_equal ? "<" : ">=", next),
               is_equal ? "" : ")");
  }
  if (part.wildcard && numbers == 2) return comparison("python_version", op, version);
  if (part.wildcard) return comparison("python_full_version", op, version + ".*");
  if (!is_short) return comparison("python_full_version", op, version);
  const bool needs_third = part.op == Operator::greater || part.op == Operator::less_equal;
  if (!needs_third) return comparison("python_version", op, version);
  return comparison("python_full_version", op, cat(version, numbers == 1 ? ".0.0" : ".0"));
}

}  // namespace

Result<PoetryConstraint> parse_poetry_constraint(std::string_view text) {
  PoetryConstraint constraint;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto bar = std::min(text.find('|', begin), text.size());
    PKG_TRY_ASSIGN(auto set, parse_alternative(text.substr(begin, bar - begin), text));
    const bool is_blank = trim(text.substr(begin, bar - begin)).empty();
    if (is_blank && text.find('|') != std::string_view::npos)
      return make_error(ErrorKind::bad_data, cat("nothing stands beside `|` in ", quote(text)));
    if (constraint.any_of.size() == kMostAlternatives)
      return make_error(ErrorKind::bad_data, cat("more than ", kMostAlternatives, " alternatives in a constraint"));
    constraint.any_of.push_back(std::move(set));
    begin = bar + (bar + 1 < text.size() && text[bar + 1] == '|' ? 2 : 1);
  }
  return constraint;
}

SpecifiersFor specifiers_for(const PoetryConstraint& constraint) {
  if (constraint.any_of.size() == 1) return {constraint.any_of.front(), true};
  std::vector<Interval> intervals;
  for (const auto& set : constraint.any_of) {
    auto interval = interval_of(set);
    if (!interval) return {{}, false};
    intervals.push_back(*std::move(interval));
  }
  std::ranges::stable_sort(intervals, low_is_less);
  Specifiers parts;
  bool is_exact = add_end(parts, intervals.front().low, Operator::greater_equal, Operator::greater);
  auto high = intervals.front().high;
  for (const auto& next : intervals) {
    if (!touches(high, next.low)) is_exact = exclude_gap(*high, *next.low, parts) && is_exact;
    if (is_higher(next.high, high)) high = next.high;
  }
  is_exact = add_end(parts, high, Operator::less_equal, Operator::less) && is_exact;
  return {pep::SpecifierSet::from_parts(std::move(parts)), is_exact};
}

pep::Marker python_marker(const PoetryConstraint& constraint) {
  std::string text;
  for (const auto& set : constraint.any_of) {
    if (set.empty()) return {};
    std::vector<pep::Specifier> parts(set.parts().begin(), set.parts().end());
    std::ranges::stable_sort(parts, {}, [](const pep::Specifier& part) { return !is_lower_bound(part.op); });
    std::string all;
    for (const auto& part : parts) append(all, all.empty() ? "" : " and ", python_text(part));
    append(text, text.empty() ? "" : " or ", constraint.any_of.size() > 1 ? "(" : "", all,
           constraint.any_of.size() > 1 ? ")" : "");
  }
  auto marker = pep::Marker::parse(text);
  return marker ? std::move(marker).value() : pep::Marker();
}

}  // namespace pkg::ops
