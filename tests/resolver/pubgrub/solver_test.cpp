// The loop of PubGrub alone, over a provider that knows its dependencies beforehand: what it decides, and how often.

#include "resolver/pubgrub/solver.h"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "support/printers.h"

namespace pkg::resolver::pubgrub {
namespace {

// Packages are decided in the order in which they were added, the highest version first.
class Table final : public Provider {
 public:
  explicit Table(Solver& solver) : solver_(solver) {}

  // A package that the root wants in any version, or (`is_wanted` false) only what needs it wants.
  PackageId add(std::uint32_t versions, bool is_wanted = true) {
    const auto id = solver_.add_package(versions);
    versions_.push_back(versions);
    if (is_wanted) solver_.add_dependency(kRoot, 0, kNoPackage, id, any_of(id), 0);
    return id;
  }
  // `parent` in version `value` needs `package` in version `needed`.
  void depend(PackageId parent, Value value, PackageId package, Value needed) {
    dependencies_.push_back({parent, value, package, needed});
  }

  Result<std::optional<Value>> choose(Solver&, PackageId, const VersionSet& allowed) override { return allowed.last(); }
  Status add_dependencies(Solver& solver, PackageId package, Value value) override {
    for (const auto& one : dependencies_) {
      if (one.parent != package || one.value != value) continue;
      auto needed = solver.sets().empty(versions_of(one.package) + 1);
      needed.insert(one.needed);
      solver.add_dependency(package, value, kNoPackage, one.package, needed, 0);
    }
    return ok_status();
  }
  std::uint32_t rank(PackageId package) const override { return package.value; }

 private:
  struct Dependency {
    PackageId parent;
    Value value;
    PackageId package;
    Value needed;
  };
  std::uint32_t versions_of(PackageId id) const { return versions_[id.value - 1]; }  // the root is number 0
  VersionSet any_of(PackageId id) {
    auto any = solver_.sets().full(versions_of(id) + 1);
    any.erase(any.absent());
    return any;
  }

  Solver& solver_;
  std::vector<std::uint32_t> versions_;
  std::vector<Dependency> dependencies_;
};

}  // namespace

TEST_CASE("a conflict goes back to the decision it depends on, past all that has nothing to do with it") {
  // z 1 needs y 1, which needs a 0; a 1 was decided first, and twelve others between a and z.
  constexpr std::uint64_t kBetween = 12;
  Solver solver;
  Table table(solver);
  const auto a = table.add(2);
  for (std::uint64_t i = 0; i < kBetween; ++i) table.add(3);
  const auto z = table.add(2);
  const auto y = table.add(2, false);
  table.depend(z, 1, y, 1);
  table.depend(y, 1, a, 0);

  const auto solved = solver.solve(table);
  REQUIRE_OK(solved);
  CHECK(*solved == Ending::solved);
  CHECK(solver.solution().domain(a).contains(1));
  CHECK(solver.solution().domain(z).contains(0));
  CHECK(solver.statistics().conflicts == 1);
  // The root, a, the twelve and z 1; then, as "a 1 rules out z 1" is known right after a, the twelve again and z 0.
  CHECK(solver.statistics().decisions == 2 + (kBetween + 1) + (kBetween + 1));
}

TEST_CASE("what follows from no decision is known before the first of them, and nothing is tried twice") {
  // Whatever z is, y 1 comes with it, and y 1 needs a 0.
  Solver solver;
  Table table(solver);
  const auto a = table.add(2);
  const auto z = table.add(2);
  const auto y = table.add(2, false);
  for (const Value value : {0U, 1U}) table.depend(z, value, y, 1);
  table.depend(y, 1, a, 0);

  const auto solved = solver.solve(table);
  REQUIRE_OK(solved);
  CHECK(*solved == Ending::solved);
  CHECK(solver.solution().domain(a).contains(0));
  CHECK(solver.solution().domain(y).contains(1));
  CHECK(solver.statistics().conflicts == 2);  // z 1, then z 0 and with it a 1
}

TEST_CASE("what cannot be solved ends with a failure, in a bounded number of rounds") {
  Solver solver;
  Table table(solver);
  const auto a = table.add(1), b = table.add(4);
  const auto y = table.add(2, false);
  table.depend(a, 0, y, 0);
  for (const Value value : {0U, 1U, 2U, 3U}) table.depend(b, value, y, 1);

  const auto solved = solver.solve(table);
  REQUIRE_OK(solved);
  CHECK(*solved == Ending::impossible);
  CHECK(solver.statistics().decisions <= 6);
}

}  // namespace pkg::resolver::pubgrub
