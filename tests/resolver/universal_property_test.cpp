// Universal resolution on random worlds: sound, complete up to a grid of environments, deterministic, stable. What
// fails is printed as a text world that can be pasted into universal/*.txt. PKG_PROPERTY_CASES and PKG_PROPERTY_SEED
// make long runs (support/random_marker.h).

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/check_lock.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/random_marker.h"
#include "support/world.h"

using namespace pkg;

namespace {

using Answer = std::variant<resolver::Resolution, resolver::Conflict>;

// --- worlds ----------------------------------------------------------------------------------------------------------

struct Flavour {
  bool project_extras = false;  // requirements of the root with `"x" in extras`
  bool files = false;           // releases with wheels for some platforms and Pythons only, and required environments
  bool fewest = false, strict = false;
  bool wheels_differ = false;  // with `files`: some need more than others
  bool rules = false;          // overrides and excludes for what one parent asks for
  bool group_pythons = false;  // with `project_extras`: the group is for some Pythons only
  bool indexes = false;        // two projects that a second index has, too, for some environments and selections
};

constexpr std::string_view kMinors[] = {"3.9", "3.10", "3.11", "3.12", "3.13"};

std::string random_condition(test::Random& random, int depth = 1) {
  if (depth > 0 && random.one_in(4))
    return cat("(", random_condition(random, 0), random.one_in(2) ? ") and (" : ") or (", random_condition(random, 0),
               ")");
  constexpr std::string_view kSystems[] = {"linux", "darwin", "win32"}, kMachines[] = {"x86_64", "arm64", "AMD64"};
  switch (random.below(5)) {
    case 0:
    case 1:
      return cat("python_version ", random.one_in(2) ? "<" : ">=", " '", random.pick(kMinors), "'");
    case 2:
      return cat("platform_machine ", random.one_in(3) ? "!=" : "==", " '", random.pick(kMachines), "'");
    default:
      return cat("sys_platform ", random.one_in(3) ? "!=" : "==", " '", random.pick(kSystems), "'");
  }
}

class WorldWriter {
 public:
  WorldWriter(test::Random& random, const Flavour& flavour)
      : random_(random), flavour_(flavour), packages_(3 + random.below(4)), versions_(2 + random.below(3)) {}

  std::string releases() {
    std::string text;
    for (int p = 0; p < packages_; ++p)
      for (int v = 1; v <= versions_; ++v) append(text, release(cat("p", p), v), "\n");
    for (int p = 0; p < (flavour_.indexes ? 2 : 0); ++p)
      for (int v = 1; v <= versions_; ++v)
        if (!random_.one_in(3)) append(text, release(cat("p", p, "@own"), v), "\n");
    return text;
  }

  std::string question() {
    std::string text = cat("--python >=", random_.one_in(2) ? "3.9" : "3.10");
    if (flavour_.fewest) append(text, " --fewest");
    if (flavour_.strict) append(text, " --strict-python");
    if (random_.one_in(6)) append(text, " --environment {", random_condition(random_, 0), "}");
    if (random_.one_in(8)) append(text, " --constraint {", requirement("", 2), "}");
    if (random_.one_in(10)) append(text, " --lowest");
    if (flavour_.project_extras && random_.one_in(3)) append(text, " --conflict extra:x,extra:y");
    if (flavour_.files) {
      if (random_.one_in(2))
        append(text,
               " --required linux {sys_platform == 'linux' and platform_machine == 'x86_64'} manylinux_2_17_x86_64");
      if (random_.one_in(3))
        append(text, " --required mac {sys_platform == 'darwin' and platform_machine == 'arm64'} macosx_11_0_arm64");
    }
    for (int i = flavour_.rules ? 1 + random_.below(3) : 0; i > 0; --i) append(text, rule());
    for (int p = 0; p < (flavour_.indexes ? 2 : 0); ++p)
      append(text, " --index {p", p, "=own ; ",
             flavour_.project_extras && random_.one_in(3) ? std::string("'x' in extras") : random_condition(random_),
             "}");
    for (int i = 1 + random_.below(4), n = 0; n < i; ++n) append(text, n == 0 ? " " : ", ", root_requirement());
    return text;
  }

 private:
  std::string rule() {
    const std::string parent = cat("p", random_.below(packages_), random_.one_in(2) ? range() : std::string());
    if (random_.one_in(3)) return cat(" --exclude-of {", parent, " : p", random_.below(packages_), "}");
    const std::string plain = random_.one_in(3) ? cat(" --override {p", random_.below(packages_), range(), "}") : "";
    return cat(plain, " --override-of {", parent, " : ", requirement("", 3), "}");
  }

  std::string root_requirement() {
    if (!flavour_.project_extras || !random_.one_in(2)) return requirement("", 2);
    const char* const selected = random_.one_in(2)   ? "'x' in extras"
                                 : random_.one_in(2) ? "'y' in extras"
                                 : flavour_.group_pythons
                                     ? "'dev' in dependency_groups and python_full_version >= '3.11'"
                                     : "'dev' in dependency_groups";
    return requirement(selected, 3);
  }

  std::string range() {
    const int bound = 1 + random_.below(versions_);
    switch (random_.below(5)) {
      case 0:
        return cat(">=", bound);
      case 1:
        return cat("<=", bound);
      case 2:
        return cat("==", bound);
      case 3:
        return cat("!=", bound);
      default:
        return "";
    }
  }

  // One in `conditional` has a condition.
  std::string requirement(std::string_view always, int conditional) {
    // Once in a while something that does not exist.
    std::string text = random_.one_in(25) ? std::string("nowhere") : cat("p", random_.below(packages_));
    if (random_.one_in(5)) text += "[x]";
    text += range();
    std::string marker(always);
    if (random_.one_in(conditional)) {
      const std::string condition = random_condition(random_);
      marker = marker.empty() ? condition : cat(marker, " and (", condition, ")");
    }
    return marker.empty() ? text : cat(text, " ; ", marker);
  }

  std::string release(const std::string& package, int version) {
    std::vector<std::string> attributes, requirements;
    if (random_.one_in(4))
      attributes.push_back(
          cat("python >=", kMinors[static_cast<std::size_t>(std::min(4, version + random_.below(2)))]));
    if (flavour_.strict && attributes.empty() && random_.one_in(5))
      attributes.push_back(cat("python <", random_.pick(kMinors)));
    attributes.push_back("extras x");
    if (flavour_.files && random_.one_in(3)) {
      for (int i = 1 + random_.below(3); i > 0; --i)
        attributes.push_back(cat("wheel ", wheel_tags(), own_requirement()));
      if (random_.one_in(4)) attributes.push_back("sdist");
    }
    if (random_.one_in(30)) attributes.push_back("yanked");
    for (int i = random_.below(3); i > 0; --i)
      requirements.push_back(requirement(random_.one_in(6) ? "extra == 'x'" : "", 2));
    return cat(package, " ", version, " {", join(attributes, ", "), "}: ", join(requirements, ", "));
  }

  std::string own_requirement() {
    return flavour_.wheels_differ && random_.one_in(3) ? cat(" +p", random_.below(packages_), range()) : std::string();
  }

  std::string wheel_tags() {
    constexpr std::string_view kPlatforms[] = {"manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64"};
    constexpr std::string_view kPythons[] = {"cp311-cp311", "cp312-cp312", "cp39-abi3", "py3-none", "cp310-cp310"};
    return random_.one_in(5) ? std::string("py3-none-any") : cat(random_.pick(kPythons), "-", random_.pick(kPlatforms));
  }

  test::Random& random_;
  const Flavour& flavour_;
  int packages_, versions_;
};

// --- a source that answers in another order --------------------------------------------------------------------------

// Answers questions before they are asked, backwards, and shows files in another order.
class ShuffledWorld final : public resolver::PackageSource {
 public:
  explicit ShuffledWorld(test::World& world) : world_(world) {}
  void want_listings(std::span<const pep::Name> names) override {
    for (auto at = names.rbegin(); at != names.rend(); ++at) (void)world_.listing(*at);
  }
  void want_metadata(std::span<const pep::DistFile* const> files) override {
    for (auto at = files.rbegin(); at != files.rend(); ++at) (void)world_.metadata(**at);
  }
  Result<const resolver::Listing*> listing(const pep::Name& name) override { return world_.listing(name); }
  Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) override {
    const auto [known, is_new] = files_.try_emplace({name, release});
    if (is_new) {
      PKG_TRY_ASSIGN(const auto files, world_.files(name, release));
      known->second.assign(files.rbegin(), files.rend());
    }
    return std::span<const pep::DistFile>(known->second);
  }
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile& file) override { return world_.metadata(file); }
  Result<resolver::DirectAnswer> direct(const pep::Name& name, const std::string& url) override {
    return world_.direct(name, url);
  }

  PackageSource& from(const std::string& index) override {
    auto& known = indexes_[index];
    if (!known) known = std::make_unique<ShuffledWorld>(world_.from(index));
    return *known;
  }

 private:
  test::World& world_;
  std::map<std::string, std::unique_ptr<ShuffledWorld>> indexes_;
  std::map<std::pair<pep::Name, std::size_t>, std::vector<pep::DistFile>> files_;
};

// --- judging ---------------------------------------------------------------------------------------------------------

struct Case {
  std::string world_text, question;
  resolver::Problem problem;
  test::World world;
  std::vector<test::LockTarget> grid;
};

std::vector<test::LockTarget> grid_of(const resolver::Problem& problem, bool project_extras) {
  std::vector<test::LockTarget> grid;
  const auto selections = project_extras ? test::selections(problem) : std::vector<test::LockTarget>(1);
  for (const std::string_view system : {"linux", "darwin", "win32", "freebsd"})
    for (const char* const machine : {"x86_64", "arm64", "AMD64", "riscv64"})
      for (const char* const python : {"3.9.0", "3.10.1", "3.11.9", "3.12.0", "3.13.2", "3.14.0"}) {
        pep::Environment environment = test::environment_on(system, machine, python);
        environment.platform_machine = machine;
        if (system == "freebsd") environment.sys_platform = "freebsd14", environment.platform_system = "FreeBSD";
        for (test::LockTarget target : selections) {
          target.environment = environment;
          if (test::is_in_universe(problem, target)) grid.push_back(std::move(target));
        }
      }
  return grid;
}

// The tags that a required environment asks for at `target`; null: none does.
std::shared_ptr<const pep::TagSet> required_tags(const resolver::Problem& problem, const test::LockTarget& target) {
  const auto release = pep::Version::parse(target.environment.python_full_version).value().release();
  for (const resolver::RequiredEnvironment& required : problem.universe->required)
    if (target.meets(required.marker))
      return std::make_shared<pep::TagSet>(
          pep::InterpreterFacts{.implementation = "cpython",
                                .version = {static_cast<int>(release[0]), static_cast<int>(release[1])},
                                .abis = {cat("cp", release[0], release[1])}},
          required.platforms);
  return nullptr;
}

// Whether the target alone has a solution.
bool is_solvable(const resolver::Problem& problem, const test::LockTarget& target, test::World& world) {
  resolver::Problem single = problem;
  single.universe.reset();
  single.policy.strict_requires_python = problem.universe->strict_requires_python;
  single.requirements.clear();
  for (pep::Requirement requirement : problem.requirements) {
    if (!target.meets(requirement.marker)) continue;
    requirement.marker = {};
    single.requirements.push_back(std::move(requirement));
  }
  std::erase_if(single.index_rules, [&](const resolver::IndexRule& rule) { return !target.meets(rule.where); });
  for (resolver::IndexRule& rule : single.index_rules) rule.where = {};
  single.targets.push_back({.environment = target.environment,
                            .python = pep::Version::parse(target.environment.python_full_version).value(),
                            .tags = required_tags(problem, target)});
  const auto answer = resolver::resolve(single, world);
  REQUIRE_OK(answer);
  return std::holds_alternative<resolver::Resolution>(*answer);
}

std::string where(const test::LockTarget& target) {
  const pep::Environment& environment = target.environment;
  std::string text =
      cat(environment.sys_platform, " ", environment.platform_machine, " ", environment.python_full_version);
  for (const pep::Name& extra : target.extras) append(text, " [", extra.str(), "]");
  for (const pep::Name& group : target.groups) append(text, " (", group.str(), ")");
  return text;
}

// What is wrong with an answer; empty: nothing. `answer` of case `random`.
std::string judge(Case& item, const Answer& answer) {
  if (const auto* const resolution = std::get_if<resolver::Resolution>(&answer)) {
    for (const test::LockTarget& target : item.grid) {
      const auto complaints = test::check_lock(item.problem, *resolution, item.world, target);
      if (!complaints.empty()) return cat(where(target), ": ", join(complaints, "; "));
    }
    return "";
  }
  // A failure names environments, all of which have no solution by themselves.
  const auto& conflict = std::get<resolver::Conflict>(answer);
  std::optional<pep::Marker> failing;
  if (const std::size_t at = conflict.headline.find(" where "); at != std::string::npos)
    if (auto marker = pep::Marker::parse(conflict.headline.substr(at + 7))) failing = std::move(*marker);
  // First the whole of the failing fork is looked at: that it fails although each environment has a solution is the
  // worse mistake.
  std::string solvable_one;
  bool any = false, some_unsolvable = false;
  for (const test::LockTarget& target : item.grid) {
    if (failing && !target.meets(*failing)) continue;
    any = true;
    const bool solvable = is_solvable(item.problem, target, item.world);
    some_unsolvable = some_unsolvable || !solvable;
    if (solvable && solvable_one.empty()) solvable_one = where(target);
  }
  if (any && !some_unsolvable) return cat("no lock, but each environment has a solution: ", conflict.headline);
  // One version for all Pythons, or files for all of them: a fork may fail although some of its Pythons have a
  // solution.
  const resolver::Universe& universe = *item.problem.universe;
  if (!solvable_one.empty() && !universe.fewest_versions && universe.required.empty())
    return cat("the failing environments are named too widely: ", solvable_one, " has a solution: ", conflict.headline);
  return any ? "" : cat("no lock, but the failing environments are none of the grid: ", conflict.headline);
}

std::unique_ptr<Case> random_case(unsigned seed, const Flavour& flavour) {
  auto item = std::make_unique<Case>();
  test::Random random(seed);
  WorldWriter writer(random, flavour);
  item->world_text = writer.releases();
  item->question = writer.question();
  REQUIRE_OK(test::load_world(item->world_text, item->world));
  auto problem = test::lock_problem(item->question);
  REQUIRE_OK(problem);
  item->problem = std::move(*problem);
  item->grid = grid_of(item->problem, flavour.project_extras);
  return item;
}

std::string text_of(const Answer& answer) {
  const auto* const resolution = std::get_if<resolver::Resolution>(&answer);
  return resolution != nullptr ? test::full_text(*resolution) : test::lock_answer_text(answer, true, true);
}

struct Tally {
  std::size_t solved = 0, conflicts = 0, refused = 0, several = 0;
};

// `check` is given a case and its answer, and says what is wrong.
template <class Check>
Tally run_cases(unsigned usual, const Flavour& flavour, Check check) {
  Tally tally;
  const unsigned first = test::property_seed();
  for (unsigned seed = first; seed < first + test::property_cases(usual); ++seed) {
    const auto item = random_case(seed, flavour);
    if (item->grid.empty()) continue;
    const auto answer = resolver::resolve(item->problem, item->world);
    const std::string reproduce = cat("\n", item->world_text, "lock ", item->question, "  => ?\n");
    CAPTURE(seed);
    CAPTURE(reproduce);
    if (!answer.ok()) {
      ++tally.refused;  // too many forks
      CHECK(answer.error().message == "");
      continue;
    }
    const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
    ++(resolution != nullptr ? tally.solved : tally.conflicts);
    if (resolution != nullptr && std::any_of(resolution->pins.begin(), resolution->pins.end(),
                                             [](const resolver::Pin& pin) { return !pin.marker.is_trivial(); }))
      ++tally.several;
    CHECK(check(*item, *answer) == "");
  }
  MESSAGE(tally.solved << " solved, " << tally.several << " of them with markers, " << tally.conflicts << " conflicts, "
                       << tally.refused << " refused");
  return tally;
}

}  // namespace

TEST_CASE("random worlds: every projection is a solution, and a failure names environments that have none") {
  const Tally tally = run_cases(60, {}, judge);
  CHECK(tally.several > 10);
}

TEST_CASE("random worlds with extras and groups of the project: the same") {
  run_cases(15, {.project_extras = true}, judge);
}

TEST_CASE("random worlds with wheels for some platforms, and required environments: the same") {
  run_cases(50, {.files = true}, judge);
}

TEST_CASE("random worlds with wheels of one release that need different things: the same") {
  run_cases(40, {.files = true, .wheels_differ = true}, [](Case& item, const Answer& answer) {
    return std::holds_alternative<resolver::Resolution>(answer) ? judge(item, answer) : std::string();
  });
}

TEST_CASE("random worlds, one version for all Pythons where possible: the same") {
  run_cases(40, {.fewest = true}, judge);
}

TEST_CASE("random worlds with upper bounds of Requires-Python that count: the same") {
  run_cases(40, {.strict = true}, judge);
}

TEST_CASE("random worlds with projects that come from another index in some environments: the same") {
  run_cases(20, {.project_extras = true, .indexes = true}, judge);
  run_cases(20, {.files = true, .indexes = true}, judge);
}

TEST_CASE("random worlds with overrides and excludes for single parents: the same") {
  run_cases(50, {.rules = true}, judge);
  run_cases(15, {.project_extras = true, .rules = true, .group_pythons = true}, judge);
  // A wheel that is the best one nowhere counts, too: what it asks for may be there, and unreachable.
  run_cases(40, {.files = true, .wheels_differ = true, .rules = true}, [](Case& item, const Answer& answer) {
    auto complaint = std::holds_alternative<resolver::Resolution>(answer) ? judge(item, answer) : std::string();
    return complaint.find(" is unreachable") == std::string::npos ? complaint : std::string();
  });
}

TEST_CASE("the order in which a source answers and lists files changes nothing") {
  run_cases(40, {.project_extras = true, .files = true}, [](Case& item, const Answer& answer) -> std::string {
    test::World fresh;
    REQUIRE_OK(test::load_world(item.world_text, fresh));
    ShuffledWorld shuffled(fresh);
    const auto again = resolver::resolve(item.problem, shuffled);
    REQUIRE_OK(again);
    return text_of(*again) == text_of(answer) ? "" : cat(text_of(answer), "\nbecame\n", text_of(*again));
  });
}

namespace {

// Locks again with the lock as preferences, in the same world and in one where everything has a newer release.
std::string lock_again(Case& item, const Answer& answer) {
  const auto* const resolution = std::get_if<resolver::Resolution>(&answer);
  if (resolution == nullptr) return "";
  resolver::Problem again = item.problem;
  std::set<std::string> names;
  for (const resolver::Pin& pin : resolution->pins) {
    again.preferences.push_back({.name = pin.name, .version = pin.version, .marker = pin.marker});
    names.insert(pin.name.str());
  }
  std::string found;
  for (const bool with_newer : {false, true}) {
    test::World world;
    REQUIRE_OK(test::load_world(item.world_text, world));
    if (with_newer)
      for (const std::string& name : names) world.add(name, "99", {});
    const auto second = resolver::resolve(again, world);
    REQUIRE_OK(second);
    if (text_of(*second) != text_of(answer))
      append(found, with_newer ? "with newer releases:\n" : "", text_of(answer), "became\n", text_of(*second));
  }
  return found;
}

}  // namespace

TEST_CASE("locking again with the old lock as preference gives the same lock, also when something newer has appeared") {
  run_cases(40, {.project_extras = true}, lock_again);
}

TEST_CASE("locking again does so also where projects come from two indexes") {
  run_cases(30, {.project_extras = true, .indexes = true}, lock_again);
}

TEST_CASE("locking again does so also where releases have wheels for some platforms only") {
  run_cases(40, {.files = true}, lock_again);
}
