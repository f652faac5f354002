// marker_algebra.json: what sets of environments have to do with each other.

#include "conformance/resolver_marker_algebra.h"

#include <optional>

#include "conformance/cases.h"
#include "resolver/marker_space.h"

namespace pkg::conformance {

namespace {

using resolver::MarkerSet;
using resolver::MarkerSpace;

std::optional<MarkerSet> set_of(MarkerSpace& space, const VectorJson& item, const char* key) {
  if (!item.contains(key)) return MarkerSpace::kAll;
  const auto marker = pep::Marker::parse(item.at(key).get<std::string>());
  if (!marker.ok()) return std::nullopt;
  return space.of(*marker);
}

// nullopt: the case cannot be read.
std::optional<bool> answer(MarkerSpace& space, const VectorJson& item) {
  const auto a = set_of(space, item, "a"), b = set_of(space, item, "b");
  if (!a || !b) return std::nullopt;
  const std::string kind = item.at("kind").get<std::string>();
  if (kind == "disjoint") return space.disjoint(*a, *b);
  if (kind == "implies") return space.implies(*a, *b);
  if (kind == "equivalent") return *a == *b;
  if (kind == "negation") return *b == space.negation(*a);
  if (kind == "always_true") return *a == MarkerSpace::kAll;
  if (kind == "always_false") return *a == MarkerSpace::kNone;
  return std::nullopt;
}

}  // namespace

MarkerAlgebraVerdict judge_marker_algebra(const std::filesystem::path& folder) {
  const std::string file = "marker_algebra.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file), {}};
  MarkerSpace space;  // one for all: facts must not depend on what was asked before
  MarkerAlgebraVerdict verdict;
  verdict.facts = run_cases(*document, file, "facts", [&](const VectorJson& item) {
    const auto ours = answer(space, item);
    const bool expected = item.at("expected").get<bool>();
    if (ours && *ours && !expected) verdict.unsound.push_back(item.at("id").get<std::string>());
    return ours == expected;
  });
  return verdict;
}

std::vector<SectionResult> run_marker_algebra(const std::filesystem::path& folder) {
  return {judge_marker_algebra(folder).facts};
}

}  // namespace pkg::conformance
