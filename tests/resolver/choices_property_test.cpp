// Conflict sets on random worlds: every selection that they allow gets a solution of its own world from the lock, and
// where there is no lock some selection alone has none. Sets depend on each other often here, because the worlds are
// small.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/check_lock.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/random_marker.h"
#include "support/world.h"

using namespace pkg;

namespace {

struct Case {
  std::string world, question;
  std::vector<std::vector<std::string>> sets;  // the extras of each conflict set
};

class CaseWriter {
 public:
  explicit CaseWriter(unsigned seed) : random_(seed), packages_(4 + random_.below(4)) {}

  Case write() {
    for (int p = 0; p < packages_; ++p)
      for (int v = 1; v <= kVersions; ++v) append(case_.world, release(p, v), "\n");
    const int sets = 2 + random_.below(3);
    std::string conflicts, wanted;
    for (int s = 0; s < sets; ++s) {
      auto& members = case_.sets.emplace_back();
      for (int m = 0; m < 2 + random_.below(2); ++m) members.push_back(cat("s", s, "m", m));
      // Once in a while a member of the set before as well.
      if (s > 0 && random_.one_in(6)) members.push_back(case_.sets[static_cast<std::size_t>(s - 1)].front());
      append(conflicts, " --conflict extra:", join(members, ",extra:"));
      for (const std::string& member : members)
        for (int n = 1 + random_.below(2); n > 0; --n)
          append(wanted, ", ", requirement(), " ; '", member, "' in extras", platform());
    }
    case_.question = cat("--python >=3.9", conflicts, " ", requirement(), wanted);
    if (random_.one_in(3)) append(case_.question, ", ", requirement(), " ; 'free' in extras");
    return std::move(case_);
  }

 private:
  static constexpr int kVersions = 3;

  std::string platform() { return random_.one_in(4) ? " and sys_platform == 'win32'" : ""; }

  std::string requirement() {
    constexpr std::string_view kOperators[] = {"==", "<=", ">=", "!="};
    const std::string name = cat("p", random_.below(packages_));
    return random_.one_in(3) ? name : cat(name, random_.pick(kOperators), 1 + random_.below(kVersions));
  }

  std::string release(int package, int version) {
    std::vector<std::string> requirements;
    for (int n = random_.below(3); n > 0; --n)
      requirements.push_back(cat(requirement(), random_.one_in(5) ? " ; sys_platform == 'win32'" : ""));
    return cat("p", package, " ", version, ": ", join(requirements, ", "));
  }

  test::Random random_;
  int packages_;
  Case case_;
};

// Every allowed selection, with `free` and without.
std::vector<std::vector<pep::Name>> selections(const Case& item) {
  std::vector<std::string> members;
  for (const auto& set : item.sets)
    for (const std::string& member : set)
      if (std::ranges::find(members, member) == members.end()) members.push_back(member);
  members.push_back("free");
  std::vector<std::vector<pep::Name>> all;
  for (unsigned bits = 0; bits < 1u << members.size(); ++bits) {
    std::vector<pep::Name> selected;
    for (std::size_t i = 0; i < members.size(); ++i)
      if ((bits >> i & 1) != 0) selected.push_back(pep::Name::parse(members[i]).value());
    const bool is_allowed = std::ranges::all_of(item.sets, [&](const auto& set) {
      return std::ranges::count_if(
                 selected, [&](const pep::Name& name) { return std::ranges::find(set, name.str()) != set.end(); }) < 2;
    });
    if (is_allowed) all.push_back(std::move(selected));
  }
  return all;
}

bool is_solvable(const resolver::Problem& problem, const test::LockTarget& target, test::World& world) {
  resolver::Problem single = problem;
  single.universe.reset();
  single.requirements.clear();
  for (pep::Requirement requirement : problem.requirements) {
    if (!target.meets(requirement.marker)) continue;
    requirement.marker = {};
    single.requirements.push_back(std::move(requirement));
  }
  single.targets.push_back({.environment = target.environment,
                            .python = pep::Version::parse(target.environment.python_full_version).value(),
                            .tags = nullptr});
  const auto answer = resolver::resolve(single, world);
  REQUIRE_OK(answer);
  return std::holds_alternative<resolver::Resolution>(*answer);
}

}  // namespace

TEST_CASE("random worlds with conflict sets: every selection gets a solution, or some selection has none") {
  unsigned locks = 0, conflicts = 0;
  const unsigned first = test::property_seed();
  for (unsigned seed = first; seed < first + test::property_cases(150); ++seed) {
    const Case item = CaseWriter(seed).write();
    const std::string reproduce = cat("\n", item.world, "lock ", item.question, "  => ?\n");
    CAPTURE(reproduce);
    test::World world;
    REQUIRE_OK(test::load_world(item.world, world));
    const auto problem = test::lock_problem(item.question);
    REQUIRE_OK(problem);
    const auto answer = resolver::resolve(*problem, world);
    REQUIRE_OK(answer);
    const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
    ++(resolution != nullptr ? locks : conflicts);
    bool all_solvable = true;
    for (const auto& selected : selections(item))
      for (const char* const system : {"linux", "win32"}) {
        const test::LockTarget target{
            .environment = test::environment_on(system, "x86_64", "3.12.1"), .extras = selected, .groups = {}};
        if (resolution != nullptr)
          REQUIRE(join(test::check_lock(*problem, *resolution, world, target), "; ") == "");
        else if (all_solvable)
          all_solvable = is_solvable(*problem, target, world);
      }
    if (resolution == nullptr) CHECK(!all_solvable);
    if (resolution == nullptr) continue;
    // Locked again it stays as it is.
    resolver::Problem again = *problem;
    for (const resolver::Pin& pin : resolution->pins)
      again.preferences.push_back({.name = pin.name, .version = pin.version, .marker = pin.marker});
    const auto second = resolver::resolve(again, world);
    REQUIRE_OK(second);
    REQUIRE(std::holds_alternative<resolver::Resolution>(*second));
    CHECK(test::full_text(std::get<resolver::Resolution>(*second)) == test::full_text(*resolution));
  }
  MESSAGE(locks << " locks, " << conflicts << " conflicts");
  CHECK(locks > 20);
  CHECK(conflicts > 10);
}
