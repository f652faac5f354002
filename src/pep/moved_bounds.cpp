// How bounds move. A requirement is a list of parts, "name[extra] PART, PART ; marker", and each part that the new
// version does not fit moves for itself:
//
//   ==1.2        the new version                         ==1.2.*, ~=1.4   as many of its numbers as were written
//   <=2.5        the new version                         !=…              never: an exclusion is meant
//   <2, <2.0     the next version above the new one that differs in the number that the bound differs in: `<2` counts
//                majors, `<2.5` minors; numbers in front that are zero are skipped, as `pkg add --bounds` skips them
//   >=1.2,<2     a range that is one step wide is what other tools write as `^1.2` or `~1.2`: its lower bound moves
//   too.
//                A wider one (`>=1.2,<5`) says that old versions are supported, so only its upper end moves.
//
// Exclusions that are below a bound which moved say nothing any more and go. What comes out is parsed and must hold the
// version: a form that is not understood is left alone, never written wrongly.

#include "pep/moved_bounds.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "pep/specifier.h"

namespace pkg::pep {
namespace {

using Release = std::vector<std::uint64_t>;

struct Part {
  Specifier specifier;
  std::string_view text;             // with the white space around it
  std::optional<std::string> moved;  // the new version as text
  bool is_dropped = false;
};

std::size_t leading_zeros(const Release& release) {
  const auto first = std::ranges::find_if(release, [](auto number) { return number != 0; });
  return std::min(static_cast<std::size_t>(first - release.begin()), release.size() - 1);
}

Release without_trailing_zeros(Release release) {
  while (release.size() > 1 && release.back() == 0) release.pop_back();
  return release;
}

std::string text_of(const Version& version, const Release& release) {
  auto text = version.epoch() == 0 ? std::string() : cat(version.epoch(), '!');
  for (std::size_t i = 0; i < release.size(); ++i) append(text, i == 0 ? "" : ".", release[i]);
  return text;
}

bool is_above(const std::string& text, const Version& version) {
  const auto parsed = Version::try_parse(text);
  return !parsed || *parsed > version;
}

// The first `count` numbers of the version; padded: exactly so many. Never above it: a pre-release keeps its end.
std::string first_numbers(const Version& version, std::size_t count, bool padded) {
  auto release = version.release();
  if (padded || release.size() > count) release.resize(count, 0);
  auto text = text_of(version, release);
  if (!is_above(text, version)) return text;
  const auto whole = version.without_local();
  const auto base = text_of(version, version.release());
  const auto with_end = cat(text, whole.substr(std::min(base.size(), whole.size())));
  return is_above(with_end, version) ? whole : with_end;
}

// `^` and `~` of other tools: the upper bound is the next version after the lower one, in one of its numbers.
bool is_one_step(const Version& lower, const Version& upper) {
  if (lower.epoch() != upper.epoch()) return false;
  const auto end = without_trailing_zeros(upper.release());
  auto start = lower.release();
  start.resize(std::max(start.size(), end.size()), 0);
  const auto last = end.size() - 1;
  return std::equal(end.begin(), end.end() - 1, start.begin()) && start[last] + 1 == end[last];
}

// The bound above `version`, in the number that `upper` counts. `reference`: where its leading zeros are looked at.
std::string upper_above(const Version& upper, const Version& reference, const Version& version) {
  const auto significant = without_trailing_zeros(upper.release()).size();
  const auto skipped = leading_zeros(reference.release());
  auto release = version.release();
  const auto count = significant > skipped ? leading_zeros(release) + (significant - skipped) : significant;
  release.resize(count, 0);
  ++release.back();
  release.resize(count + upper.release_size() - significant, 0);  // `<2.0` stays of that form
  const auto whole = upper.without_local();
  const auto base = text_of(upper, upper.release());
  return cat(text_of(version, release), whole.substr(std::min(base.size(), whole.size())));
}

bool is_lower(const Specifier& part) {
  return part.op == Operator::greater_equal || part.op == Operator::greater || part.op == Operator::compatible ||
         part.op == Operator::equal || part.op == Operator::arbitrary;
}

// The part's version as far as it can be compared; nullopt: `===` with a text that is none.
std::optional<Version> version_of(const Specifier& part) {
  return part.op == Operator::arbitrary ? Version::try_parse(part.text) : std::optional(part.version);
}

// Local versions are somebody's own builds: another one is no newer version of them.
bool may_move(const Requirement& requirement) {
  if (!requirement.url.empty() || requirement.specifiers.empty()) return false;
  return std::ranges::all_of(requirement.specifiers.parts(), [](const Specifier& part) {
    const auto version = version_of(part);
    return version && !version->has_local();
  });
}

// ---- the text

// Where the specifiers stand in a requirement: behind name and extras, up to the marker; inside of parentheses.
std::optional<std::pair<std::size_t, std::size_t>> specifiers_in(std::string_view text) {
  std::size_t at = 0;
  const auto skip_space = [&] {
    while (at < text.size() && is_ascii_space(text[at])) ++at;
  };
  const auto is_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  skip_space();
  while (at < text.size() && is_of_name(text[at])) ++at;
  skip_space();
  if (at < text.size() && text[at] == '[') {
    at = text.find(']', at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
  }
  const auto marker = text.find(';', at);
  auto end = marker == std::string_view::npos ? text.size() : marker;
  if (const auto open = text.substr(at, end - at).find('('); open != std::string_view::npos) {
    at += open + 1;
    end = text.find(')', at);
    if (end == std::string_view::npos) return std::nullopt;
  }
  return std::pair(at, end);
}

std::optional<std::vector<Part>> parts_of(std::string_view specifiers) {
  std::vector<Part> parts;
  for (const auto text : split(specifiers, ',')) {
    auto specifier = Specifier::try_parse(trim(text));
    if (!specifier) return std::nullopt;
    parts.push_back({std::move(*specifier), text, std::nullopt, false});
  }
  return parts;
}

std::string written(const Part& part) {
  if (!part.moved) return std::string(part.text);
  const auto begin = part.text.find_first_not_of("<>=!~ \t\r\n");
  const auto end = begin + trim(part.text.substr(begin)).size();
  return cat(part.text.substr(0, begin), *part.moved, part.text.substr(end));
}

std::string written(const std::vector<Part>& parts) {
  std::string text;
  bool is_first = true;
  for (const auto& part : parts) {
    if (part.is_dropped) continue;
    auto one = written(part);
    if (is_first && &part != &parts.front()) one = trim(one);
    append(text, is_first ? "" : ",", one);
    is_first = false;
  }
  return text;
}

// ---- the moves

// False: this part keeps the version away, and is meant to.
bool move(Part& part, const Version& version) {
  const auto& specifier = part.specifier;
  if (is_lower(specifier) && *version_of(specifier) > version && !specifier.contains(version)) return false;
  if (specifier.contains(version)) return true;
  switch (specifier.op) {
    case Operator::equal:
      part.moved = specifier.wildcard ? cat(first_numbers(version, specifier.version.release_size(), true), ".*")
                                      : version.without_local();
      return true;
    case Operator::arbitrary:
    case Operator::less_equal:
      part.moved = version.without_local();
      return true;
    case Operator::compatible:
      part.moved = first_numbers(version, specifier.version.release_size(), true);
      return true;
    case Operator::less:
      part.moved = upper_above(specifier.version, specifier.version, version);
      return true;
    case Operator::not_equal:
    case Operator::greater_equal:
    case Operator::greater:
      break;
  }
  return false;
}

// Lower bounds that upper ones which moved are one step above.
void move_lower_bounds(std::vector<Part>& parts, const Version& version) {
  for (auto& upper : parts) {
    if (upper.specifier.op != Operator::less || !upper.moved) continue;
    for (auto& lower : parts) {
      if (lower.specifier.op != Operator::greater_equal ||
          !is_one_step(lower.specifier.version, upper.specifier.version))
        continue;
      upper.moved = upper_above(upper.specifier.version, lower.specifier.version, version);
      lower.moved = first_numbers(version, lower.specifier.version.release_size(), false);
    }
  }
}

void drop_exclusions(std::vector<Part>& parts) {
  std::optional<Version> lowest;
  for (const auto& part : parts) {
    if (!part.moved || !is_lower(part.specifier)) continue;
    const auto bound = Version::try_parse(part.specifier.wildcard ? part.moved->substr(0, part.moved->size() - 2)
                                                                  : std::string_view(*part.moved));
    if (bound && (!lowest || *bound > *lowest)) lowest = bound;
  }
  if (!lowest) return;
  for (auto& part : parts) {
    if (part.specifier.op != Operator::not_equal) continue;
    part.is_dropped = part.specifier.version < *lowest && part.specifier.contains(*lowest);
  }
}

}  // namespace

std::optional<Requirement> without_upper_bounds(const Requirement& requirement) {
  if (!may_move(requirement)) return std::nullopt;
  std::vector<Specifier> kept;
  bool differs = false;
  for (const auto& part : requirement.specifiers.parts()) {
    const bool is_upper = part.op == Operator::less || part.op == Operator::less_equal;
    const bool is_pin = part.op == Operator::equal || part.op == Operator::arbitrary || part.op == Operator::compatible;
    differs = differs || is_upper || is_pin;
    if (is_upper) continue;
    if (!is_pin) {
      kept.push_back(part);
      continue;
    }
    auto bound = Specifier::try_parse(cat(">=", version_of(part)->to_string()));
    if (!bound) return std::nullopt;
    kept.push_back(std::move(*bound));
  }
  if (!differs) return std::nullopt;
  auto relaxed = requirement;
  relaxed.specifiers = SpecifierSet::from_parts(std::move(kept));
  return relaxed;
}

std::optional<std::string> with_moved_bounds(std::string_view text, const Version& version) {
  const auto requirement = Requirement::parse(text);
  if (!requirement || !may_move(*requirement) || requirement->specifiers.contains(version)) return std::nullopt;
  const auto place = specifiers_in(text);
  if (!place) return std::nullopt;
  auto parts = parts_of(text.substr(place->first, place->second - place->first));
  if (!parts) return std::nullopt;
  if (!std::ranges::all_of(*parts, [&](Part& part) { return move(part, version); })) return std::nullopt;
  move_lower_bounds(*parts, version);
  drop_exclusions(*parts);
  auto moved = cat(text.substr(0, place->first), written(*parts), text.substr(place->second));
  const auto parsed = Requirement::parse(moved);
  if (!parsed || !parsed->specifiers.contains(version)) return std::nullopt;
  return moved;
}

}  // namespace pkg::pep
