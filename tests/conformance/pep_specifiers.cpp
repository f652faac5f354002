// specifiers.json: version specifiers and sets of them (PEP 440).

#include <algorithm>
#include <optional>
#include <string>

#include "conformance/cases.h"
#include "pep/specifier.h"
#include "pep/specifier_relation.h"

namespace pkg::conformance {

namespace {

using pep::Specifier;
using pep::SpecifierSet;
using pep::Version;

std::optional<bool> prereleases_of(const VectorJson& item) {
  const VectorJson& value = item.at("prereleases");
  return value.is_null() ? std::nullopt : std::optional(value.get<bool>());
}

// A version as written; for {"parsed": …} the normal form, which is what === then sees.
std::string version_text(const VectorJson& value) {
  if (value.is_string()) return value;
  return Version::parse(value.at("parsed").get<std::string>())->to_string();
}

// The standard's rule for pre-releases: finals, and pre-releases when they are wanted, or when there is nothing else
// and nobody said that they are not.
std::vector<std::size_t> filter(const std::vector<Version>& versions, std::optional<bool> prereleases) {
  std::vector<std::size_t> kept, only_prereleases;
  for (std::size_t i = 0; i < versions.size(); ++i)
    (prereleases == true || !versions[i].is_prerelease() ? kept : only_prereleases).push_back(i);
  return kept.empty() && !prereleases ? only_prereleases : kept;
}

// The standard's filter over texts, some of which are no versions: these are kept when the set takes them (=== or no
// specifier at all).
std::vector<bool> keep(const SpecifierSet& set, const std::vector<std::string>& texts_in,
                       std::optional<bool> prereleases) {
  std::vector<Version> versions;
  std::vector<std::size_t> places;
  std::vector<bool> kept(texts_in.size(), false);
  for (std::size_t i = 0; i < texts_in.size(); ++i) {
    const auto version = Version::try_parse(texts_in[i]);
    if (!set.contains_text(texts_in[i])) continue;
    if (version) {
      versions.push_back(*version);
      places.push_back(i);
    } else {
      kept[i] = true;
    }
  }
  const bool any_other = std::find(kept.begin(), kept.end(), true) != kept.end();
  std::optional<bool> rule = prereleases;
  if (!rule && set.mentions_prerelease()) rule = true;
  if (!rule && any_other) rule = false;
  for (const std::size_t i : filter(versions, rule)) kept[places[i]] = true;
  return kept;
}

bool check_valid(const VectorJson& item) {
  const auto set = SpecifierSet::parse(item.at("input").get<std::string>());
  if (!set) return false;
  std::vector<std::string> normalized;
  VectorJson parts = VectorJson::array();
  for (const Specifier& part : set->parts()) {
    normalized.push_back(part.to_string());
    parts.push_back({to_string(part.op), part.version_text()});
  }
  const auto again = SpecifierSet::parse(set->to_string());
  return normalized == texts(item.at("normalized_set")) && parts == item.at("parts") &&
         set->mentions_prerelease() == item.at("mentions_prerelease") && again && *again == *set;
}

bool check_contains(const VectorJson& item) {
  const auto set = SpecifierSet::parse(item.at("specifier").get<std::string>());
  if (!set) return false;
  return keep(*set, {version_text(item.at("version"))}, prereleases_of(item)).front() ==
         item.at("expected").get<bool>();
}

bool check_filter(const VectorJson& item) {
  const auto set = SpecifierSet::parse(item.at("specifier").get<std::string>());
  if (!set) return false;
  std::vector<std::string> names, out;
  for (const VectorJson& version : item.at("versions")) names.push_back(version_text(version));
  const std::vector<bool> kept = keep(*set, names, prereleases_of(item));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (kept[i]) out.push_back(names[i]);
  }
  std::vector<std::string> expected;
  for (const VectorJson& version : item.at("expected")) expected.push_back(version_text(version));
  return out == expected;
}

bool check_unsatisfiable(const VectorJson& item) {
  const auto set = SpecifierSet::parse(item.at("specifier").get<std::string>());
  if (!set) return false;
  const auto considered = prereleases_of(item) == false ? pep::Considered::finals_only : pep::Considered::all_versions;
  return pep::is_unsatisfiable(*set, considered) == item.at("expected").get<bool>();
}

bool check_relation(const VectorJson& item) {
  const auto a = SpecifierSet::parse(item.at("a").get<std::string>()),
             b = SpecifierSet::parse(item.at("b").get<std::string>());
  if (!a || !b) return false;
  return pep::relation(*a, *b) == pep::SetRelation{item.at("subset"), item.at("superset"), item.at("disjoint")};
}

}  // namespace

std::vector<SectionResult> run_specifiers(const std::filesystem::path& folder) {
  const std::string file = "specifiers.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  const auto check_invalid = [](const VectorJson& item) {
    return !SpecifierSet::parse(item.at("input").get<std::string>()).ok();
  };
  return {run_cases(*document, file, "valid", check_valid),
          run_cases(*document, file, "invalid", check_invalid),
          run_cases(*document, file, "contains", check_contains),
          run_cases(*document, file, "filter", check_filter),
          run_cases(*document, file, "unsatisfiable", check_unsatisfiable),
          run_cases(*document, file, "relation", check_relation)};
}

}  // namespace pkg::conformance
