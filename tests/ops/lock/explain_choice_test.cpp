#include "ops/lock/explain_choice.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

// The answer about `name` in a world: headline, lines indented, hint. `kept`: versions that the lock has, "np 1.0".
std::string explained(const std::string& world_text, const std::vector<std::string>& requirements,
                      const std::string& name, const std::vector<std::string>& kept = {},
                      const std::vector<std::string>& constraints = {}) {
  test::World world;
  REQUIRE_OK(test::load_world(world_text, world));
  resolver::Problem problem;
  problem.targets = {test::linux_target("3.12.1")};
  for (const auto& text : requirements) {
    problem.requirements.push_back(*pep::Requirement::parse(text));
    problem.requirements.back().origin = {.file = "pyproject.toml", .what = {}, .line = 7, .column = 0};
  }
  for (const auto& text : constraints) {
    problem.constraints.push_back(*pep::Requirement::parse(text));
    problem.constraints.back().origin = {.file = "pyproject.toml", .what = {}, .line = 9, .column = 0};
  }
  for (const auto& text : kept) {
    const auto words = split_words(text);
    problem.preferences.push_back({*pep::Name::parse(words[0]), *pep::Version::parse(words[1])});
  }
  const auto solved = resolver::resolve(problem, world);
  REQUIRE_OK(solved);
  const auto* resolution = std::get_if<resolver::Resolution>(&*solved);
  REQUIRE(resolution != nullptr);
  std::vector<ops::ChosenVersion> chosen;
  for (const auto& pin : resolution->pins) {
    if (pin.name.str() == name) chosen.push_back({pin.version, pin.marker});
  }
  const auto answers = ops::explain_choice(problem, *pep::Name::parse(name), chosen, world);
  REQUIRE_OK(answers);
  std::string text;
  for (const auto& answer : *answers) {
    append(text, answer.headline, "\n");
    for (const auto& line : answer.lines) append(text, "  ", line, "\n");
    if (!answer.hint.empty()) append(text, "hint: ", answer.hint, "\n");
  }
  return text;
}

}  // namespace

TEST_CASE("a version that was taken for its files is told with the platforms that the newer one has none for") {
  test::World world;
  REQUIRE_OK(
      test::load_world("np 1 {wheel py3-none-any}:\n"
                       "np 2 {wheel cp312-cp312-manylinux_2_17_x86_64, wheel cp312-cp312-manylinux_2_17_aarch64, "
                       "wheel cp312-cp312-macosx_11_0_arm64, wheel cp312-cp312-macosx_11_0_x86_64}:\n",
                       world));
  const auto problem = test::lock_problem(
      "--python ==3.12.* --environment {sys_platform == 'linux'} --environment {sys_platform == 'darwin'} "
      "--environment {sys_platform == 'win32' and platform_machine == 'AMD64'} np");
  REQUIRE_OK(problem);
  const auto solved = resolver::resolve(*problem, world);
  REQUIRE_OK(solved);
  CHECK(test::lock_answer_text(*solved, false, false) ==
        "np 2 {sys_platform != \"win32\"}, np 1 {sys_platform == \"win32\"}");
  std::vector<ops::ChosenVersion> chosen;
  auto asked = *problem;
  for (const auto& pin : std::get<resolver::Resolution>(*solved).pins) {
    chosen.push_back({pin.version, pin.marker});
    asked.preferences.push_back({pin.name, pin.version, pin.marker});  // the lock that is explained
  }
  const auto answers = ops::explain_choice(asked, *pep::Name::parse("np"), chosen, world);
  REQUIRE_OK(answers);
  REQUIRE(answers->size() == 2);
  CHECK((*answers)[0].headline == "`np` 2 is the newest there is");
  const auto& older = (*answers)[1];
  CHECK(older.kind == ops::ChoiceExplanation::Kind::files);
  CHECK(older.headline == "`np` 2 has no file for some platforms where it would be installed, and 1 has");
  CHECK(older.lines == std::vector<std::string>{"none for Windows on AMD64"});
}

TEST_CASE("the newest version needs no reason") {
  CHECK(explained("np 1:\nnp 2:\n", {"np"}, "np") == "`np` 2 is the newest there is\n");
}

TEST_CASE("a requirement of another package is the reason, told as a conflict is") {
  CHECK(explained("np 1:\nnp 2:\npandas 2: np<2\n", {"np", "pandas"}, "np") ==
        "nothing newer than `np` 1 can be had\n"
        "  because pandas 2 depends on np<2, and you asked for pandas (pyproject.toml:7), and np is to be newer than "
        "1\n");
}

TEST_CASE("a constraint, a Python and a yanked release are reasons too") {
  CHECK(explained("np 1:\nnp 2:\n", {"np"}, "np", {}, {"np<2"}) ==
        "nothing newer than `np` 1 can be had\n"
        "  because np 2 is excluded by the constraint np<2 (pyproject.toml:9), and np is to be newer than 1\n"
        "hint: loosen the constraint np<2 (pyproject.toml:9)\n");
  CHECK(explained("np 1:\nnp 2 {python >=3.13}:\n", {"np"}, "np") ==
        "nothing newer than `np` 1 can be had\n"
        "  because np 2 needs Python >=3.13, and np is to be newer than 1\n"
        "hint: use a Python that satisfies >=3.13\n");
  CHECK(explained("np 1:\nnp 2 {yanked broken}:\n", {"np"}, "np") ==
        "nothing newer than `np` 1 can be had\n"
        "  because np 2 was yanked, and np is to be newer than 1\n"
        "hint: to take a yanked version anyway, ask for it by its number: np==2\n");
}

TEST_CASE("pre-releases are no advice to somebody who may have a final release") {
  const auto text = explained("np 1:\nnp 2 {python >=3.13}:\nnp 3rc1:\n", {"np"}, "np");
  CHECK(text.starts_with("nothing newer than `np` 1 can be had\n"));
  CHECK(text.ends_with("\nhint: use a Python that satisfies >=3.13\n"));
  CHECK(text.find("hint: pre-releases") == std::string::npos);
}

TEST_CASE("only pre-releases are newer") {
  CHECK(
      explained("np 1:\nnp 2rc1:\n", {"np"}, "np") ==
      "`np` 1 is the newest final release: 2rc1 is a pre-release\nhint: allow pre-releases with --prerelease allow\n");
}

TEST_CASE("what only the lock keeps is told with the command that lifts it") {
  CHECK(explained("np 1:\nnp 2:\nnp 3:\n", {"np<3"}, "np", {"np 1"}) ==
        "only the lock keeps `np` 1: 2 can be had\nhint: pkg lock -P np, or pkg lock -U for everything\n");
  const auto* together = "np 1:\nnp 2:\npandas 1: np<2\npandas 2: np\n";
  CHECK(explained(together, {"np", "pandas"}, "np", {"np 1", "pandas 1"}) ==
        "only the lock keeps `np` 1: 2 can be had\n"
        "  `pandas` would be 2 instead of 1\n"
        "hint: pkg lock -P np, or pkg lock -U for everything\n");
  CHECK(explained(together, {"pandas", "np"}, "np", {"np 1", "pandas 1"}) ==
        "only the lock keeps `np` 1: 2 can be had\n"
        "  `pandas` would be 2 instead of 1\n"
        "hint: pkg lock -P np -P pandas, or pkg lock -U for everything\n");
}

TEST_CASE("a newer version that costs older ones of others is told with its price") {
  CHECK(explained("np 1:\nnp 2:\npandas 1:\npandas 2: np<2\n", {"pandas", "np"}, "np") ==
        "`np` 2 can be had, at the price of other versions\n"
        "  `pandas` would be 1 instead of 2\n"
        "hint: to have it anyway, ask for np>=2\n");
}
