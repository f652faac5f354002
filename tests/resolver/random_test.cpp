// The solver against the slow one, on random worlds; and what must hold of every answer.

#include <doctest/doctest.h>

#include <random>

#include "base/text.h"
#include "conformance/resolver_judge.h"
#include "resolver/reference_solver.h"
#include "resolver/resolve.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

struct Random {
  std::mt19937 engine;
  int below(int limit) { return static_cast<int>(engine() % static_cast<unsigned>(limit)); }
};

test::TinyRequirement random_requirement(Random& random, int packages, int versions, const std::string& only_for) {
  test::TinyRequirement requirement;
  requirement.name = cat("p", random.below(packages + 1));  // the last does not exist
  const int kind = random.below(4), bound = 1 + random.below(versions);
  for (int v = 1; v <= versions; ++v)
    if (kind == 0 || (kind == 1 && v >= bound) || (kind == 2 && v <= bound) || (kind == 3 && v == bound))
      requirement.allowed.push_back(v);
  if (random.below(4) == 0) requirement.extra = "x";
  requirement.only_for = only_for;
  return requirement;
}

std::string text_of(const test::TinyRequirement& requirement, int versions) {
  std::string text = requirement.name;
  if (!requirement.extra.empty()) append(text, "[", requirement.extra, "]");
  if (requirement.allowed.size() == 1)
    append(text, "==", requirement.allowed.front());
  else if (requirement.allowed.front() > 1)
    append(text, ">=", requirement.allowed.front());
  else if (requirement.allowed.back() < versions)
    append(text, "<=", requirement.allowed.back());
  if (!requirement.only_for.empty()) append(text, "; extra == \"", requirement.only_for, "\"");
  return text;
}

}  // namespace

TEST_CASE("the solver agrees with the exhaustive one on random worlds, and answers the same twice") {
  const pep::Target target = test::linux_target("3.12.0");
  int satisfiable = 0, impossible = 0;
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    Random random{std::mt19937(seed)};
    const int packages = 3 + random.below(4), versions = 2 + random.below(3);
    test::TinyWorld tiny;
    for (int p = 0; p < packages; ++p)
      for (int v = 1; v <= versions; ++v) {
        auto& requirements = tiny[cat("p", p)][v];
        for (int i = random.below(4); i > 0; --i)
          requirements.push_back(random_requirement(random, packages, versions, random.below(4) == 0 ? "x" : ""));
      }
    std::vector<test::TinyRequirement> root;
    for (int i = 1 + random.below(3); i > 0; --i) root.push_back(random_requirement(random, packages, versions, ""));

    resolver::Problem problem;
    problem.targets.push_back(target);
    for (const auto& requirement : root)
      problem.requirements.push_back(pep::Requirement::parse(text_of(requirement, versions)).value());
    const bool expected = test::is_satisfiable(tiny, root);
    (expected ? satisfiable : impossible) += 1;
    std::string first;
    for (int round = 0; round < 2; ++round) {
      test::World world;
      for (const auto& [name, releases] : tiny)
        for (const auto& [version, requirements] : releases) {
          test::WorldRelease release;
          for (const auto& requirement : requirements) release.requires_dist.push_back(text_of(requirement, versions));
          world.add(name, cat(version), std::move(release));
        }
      const auto answer = resolver::resolve(problem, world);
      CAPTURE(seed);
      REQUIRE_OK(answer);
      const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
      REQUIRE((resolution != nullptr) == expected);
      std::string text;
      if (resolution != nullptr) {
        CHECK(conformance::check_solution(problem, *resolution) == "");
        for (const resolver::Pin& pin : resolution->pins)
          append(text, pin.name.str(), " ", pin.version.to_string(), "\n");
      } else {
        const auto& conflict = std::get<resolver::Conflict>(*answer);
        CHECK(!conflict.headline.empty());
        text = cat(conflict.headline, "\n", conflict.explanation, "\n", conflict.hint);
      }
      if (round == 0)
        first = text;
      else
        CHECK(text == first);
    }
  }
  CHECK(satisfiable > 200);
  CHECK(impossible > 200);
}
