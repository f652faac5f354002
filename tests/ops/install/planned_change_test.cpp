#include "ops/install/planned_change.h"

#include <doctest/doctest.h>

#include "support/printers.h"

namespace {

using namespace pkg;

pep::Version version(const char* text) { return pep::Version::parse(text).value(); }

venv::InstalledDist there(const char* name, const char* text) {
  venv::InstalledDist dist;
  dist.name = pep::Name::from_normalized(name);
  dist.version = version(text);
  return dist;
}

venv::WantedDist wanted(const char* name, const char* text) {
  return {pep::Name::from_normalized(name), version(text), false, {}};
}

}  // namespace

TEST_CASE("a change is told by name: what comes, goes, and takes the place of what; a double counts once") {
  const std::vector<venv::InstalledDist> installed{there("a", "1"), there("b", "2"), there("b", "3"), there("c", "1"),
                                                   there("d", "1")};
  ops::Wanted all;
  all.dists = {wanted("e", "1"), wanted("d", "1"), wanted("b", "2.5"), wanted("a", "2")};
  venv::InstallPlan plan;
  plan.install = {0, 1, 2, 3};
  plan.remove = {0, 1, 2, 3, 4};
  std::vector<std::string> lines;
  for (const auto& change : ops::changes_of(plan, all, installed)) {
    constexpr const char* kKinds[] = {"added", "removed", "upgraded", "downgraded", "reinstalled"};
    lines.push_back(change.name + " " + kKinds[static_cast<int>(change.kind)] + " " + change.old_version + ">" +
                    change.new_version);
  }
  CHECK(lines == std::vector<std::string>{"a upgraded 1>2", "b upgraded 2>2.5", "c removed 1>", "d reinstalled 1>1",
                                          "e added >1"});
}
