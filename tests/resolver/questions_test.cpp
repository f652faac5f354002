// What the resolver asks of its source, and when: each question is a file read, or a round trip when nothing is cached.

#include <doctest/doctest.h>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/pins.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

resolver::Problem problem_for(std::vector<std::string> requirements) {
  resolver::Problem problem;
  problem.targets.push_back(test::linux_target("3.12.1"));
  for (const std::string& text : requirements) problem.requirements.push_back(pep::Requirement::parse(text).value());
  return problem;
}

}  // namespace

TEST_CASE("listings of all dependencies are asked for at once, and metadata is announced before it is read") {
  test::World world;
  world.keep_log = true;
  REQUIRE_OK(test::load_world("a 1: b, c>=1\na 0:\nb 1:\nb 2: c\nc 1:\n", world));
  REQUIRE_OK(resolver::resolve(problem_for({"a"}), world));
  CHECK(join(world.log, "\n") ==
        "listing a\n"
        "want metadata a 1\n"
        "metadata a 1\n"
        "want listings b, c\n"
        "listing b\n"
        "listing c\n"
        "want metadata b 2, c 1\n"
        "metadata c 1\n"
        "metadata b 2");  // c has one version: there is nothing to choose
}

TEST_CASE("metadata of versions that cannot be chosen is never asked for") {
  test::World world;
  REQUIRE_OK(
      test::load_world("a 1:\na 2:\na 3 {python >=3.14}:\na 4 {yanked}:\na 5 {wheel cp39-cp39-win_amd64}:\n", world));
  REQUIRE_OK(resolver::resolve(problem_for({"a<=2", "a!=1.5"}), world));
  CHECK(world.counts().metadata == 1);
  test::World again;
  REQUIRE_OK(
      test::load_world("a 1:\na 2:\na 3 {python >=3.14}:\na 4 {yanked}:\na 5 {wheel cp39-cp39-win_amd64}:\n", again));
  REQUIRE_OK(resolver::resolve(problem_for({"a"}), again));
  CHECK(again.counts().metadata == 1);
  CHECK(again.counts().files == 3);  // 5, 3 and 2: the listing says that 4 was yanked
}

TEST_CASE("versions of a package that keeps being rejected are announced in batches, and each is read once") {
  test::World world;
  for (int i = 0; i < 300; ++i) {
    world.add("tool", cat("1.", i), {.requires_dist = {cat("core==2.", i)}});
    world.add("core", cat("2.", i), {.requires_dist = {i < 20 ? "old<2" : "old>=2"}});
  }
  world.add("old", "1", {});
  world.add("old", "2", {});
  const auto answer = resolver::resolve(problem_for({"tool", "old<2"}), world);
  REQUIRE_OK(answer);
  REQUIRE(std::holds_alternative<resolver::Resolution>(*answer));
  CHECK(
      test::find_pin(std::get<resolver::Resolution>(*answer), pep::Name::parse("tool").value())->version.to_string() ==
      "1.19");
  CHECK(world.counts().metadata <= 2 * 281 + 1);
  CHECK(world.counts().unannounced_metadata <= 40);
}

TEST_CASE(
    "a resolution that needs more rounds than allowed ends in one error that names who was rejected most, the same "
    "each time") {
  test::World world;
  for (int i = 0; i < 100; ++i) {
    world.add("tool", cat("1.", i), {.requires_dist = {cat("core==2.", i)}});
    world.add("core", cat("2.", i), {.requires_dist = {i < 20 ? "old<2" : "old>=2"}});
  }
  world.add("old", "1", {});
  world.add("old", "2", {});
  resolver::Problem problem = problem_for({"tool", "old<2"});
  REQUIRE(std::holds_alternative<resolver::Resolution>(*resolver::resolve(problem, world)));
  problem.policy.most_rounds = 10;
  const auto answer = resolver::resolve(problem, world);
  REQUIRE(!answer.ok());
  CHECK(answer.error().kind == ErrorKind::unsupported);
  CHECK(answer.error().message == "no answer was found in 10 rounds of resolving");
  REQUIRE(answer.error().context.size() == 1);
  CHECK(answer.error().context[0].starts_with("tried most often in vain: `"));
  CHECK(resolver::resolve(problem, world).error() == answer.error());
  problem.targets.clear();
  problem.universe.emplace();
  const auto universal = resolver::resolve(problem, world);
  REQUIRE(!universal.ok());
  CHECK(universal.error().message == answer.error().message);
}

TEST_CASE("a problem without a target, or with a requirement that has no name, is an error of usage") {
  test::World world;
  resolver::Problem problem = problem_for({"a"});
  problem.targets.clear();
  const auto answer = resolver::resolve(problem, world);
  REQUIRE(!answer.ok());
  CHECK(answer.error().kind == ErrorKind::usage);
}

TEST_CASE("a cancelled resolution stops") {
  test::World world;
  world.add("a", "1", {});
  CancelToken cancel;
  cancel.cancel();
  const auto answer = resolver::resolve(problem_for({"a"}), world, &cancel);
  REQUIRE(!answer.ok());
  CHECK(answer.error().kind == ErrorKind::interrupted);
}

TEST_CASE("a pin tells its files, who asked for it and what it needs") {
  test::World world;
  REQUIRE_OK(
      test::load_world("a 1 {sdist, wheel py3-none-any, wheel cp312-cp312-manylinux_2_17_x86_64, wheel "
                       "2-cp312-cp312-manylinux_2_17_x86_64}: b, c\nb 1: c>=1\nc 1:\n",
                       world));
  const auto answer = resolver::resolve(problem_for({"a", "c"}), world);
  REQUIRE_OK(answer);
  const auto& resolution = std::get<resolver::Resolution>(*answer);
  REQUIRE(resolution.pins.size() == 3);
  std::vector<std::string> files;
  for (const pep::DistFile& file : resolution.pins[0].files) files.push_back(file.file_name);
  CHECK(join(files, " ") ==
        "a-1-2-cp312-cp312-manylinux_2_17_x86_64.whl a-1-cp312-cp312-manylinux_2_17_x86_64.whl a-1-py3-none-any.whl "
        "a-1.tar.gz");
  CHECK(resolution.pins[0].dependencies == std::vector<int>{1, 2});
  std::vector<std::string> edges;
  for (const resolver::Edge& edge : resolution.pins[2].required_by)
    edges.push_back(cat(edge.parent, " ", edge.requirement.to_string()));
  CHECK(join(edges, ", ") == "-1 c, 0 c, 1 c>=1");
}
