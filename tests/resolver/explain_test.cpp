// What a failure says beyond the text worlds: what only a source, a lock or a project knows. Whole texts.

#include <doctest/doctest.h>

#include "base/text.h"
#include "base/time.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

pep::Name name(std::string_view text) { return pep::Name::parse(text).value(); }

resolver::Problem single(std::vector<std::string> requirements) {
  resolver::Problem problem;
  problem.targets.push_back(test::linux_target("3.12.1"));
  for (const std::string& text : requirements) {
    problem.requirements.push_back(pep::Requirement::parse(text).value());
    problem.requirements.back().origin = Origin{.file = "pyproject.toml", .line = 7};
  }
  return problem;
}

std::string told(const resolver::Problem& problem, resolver::PackageSource& source) {
  const auto answer = resolver::resolve(problem, source);
  REQUIRE_OK(answer);
  return test::lock_answer_text(*answer, true, true);
}

// A world in which some projects are on a further index too.
class TwoIndexes final : public resolver::PackageSource {
 public:
  explicit TwoIndexes(test::World& world) : world_(world) {}
  void want_listings(std::span<const pep::Name> names) override { world_.want_listings(names); }
  void want_metadata(std::span<const pep::DistFile* const> files) override { world_.want_metadata(files); }
  Result<const resolver::Listing*> listing(const pep::Name& wanted) override { return world_.listing(wanted); }
  Result<std::span<const pep::DistFile>> files(const pep::Name& wanted, std::size_t release) override {
    return world_.files(wanted, release);
  }
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile& file) override { return world_.metadata(file); }
  Result<resolver::DirectAnswer> direct(const pep::Name& wanted, const std::string& url) override {
    return world_.direct(wanted, url);
  }
  Result<std::vector<std::string>> also_on(const pep::Name& wanted) override {
    ++asked;
    return wanted == name("a") ? std::vector<std::string>{"`internal`"} : std::vector<std::string>();
  }
  int asked = 0;

 private:
  test::World& world_;
};

}  // namespace

TEST_CASE("a name that no index has is compared with the other names of the problem, those of the old lock included") {
  test::World world;
  REQUIRE_OK(test::load_world("a 1: reqests\nrequests 2:\n", world));
  resolver::Problem problem = single({"a"});
  problem.preferences.push_back({.name = name("requests"), .version = pep::Version::parse("2").value()});
  CHECK(told(problem, world) ==
        "error: `a` cannot be installed: no version of it fits everything it needs\n"
        "because a 1 depends on reqests, which was not found in the index, and you asked for a (pyproject.toml:7)\n"
        "hint: did you mean `requests`?");
}

TEST_CASE("a project with the name of something that is asked for is told") {
  test::World world;
  REQUIRE_OK(test::load_world("a 1: myapp>=2\nmyapp 1:\n", world));
  resolver::Problem problem = single({"a"});
  const auto own = pep::Metadata::parse("Metadata-Version: 2.1\nName: myapp\nVersion: 1\n");
  REQUIRE_OK(own);
  problem.own = {{std::make_shared<const pep::Metadata>(*own)}};
  CHECK(told(problem, world) ==
        "error: `a` cannot be installed: no version of it fits everything it needs\n"
        "because a 1 depends on myapp>=2, which no version matches, and you asked for a (pyproject.toml:7)\n"
        "hint: `myapp` is your own project, version 1: it stands in the way of the one of that name on the index\n"
        "versions of `myapp`: 1");
}

TEST_CASE("a further index that has the project too is told, and is asked only when there is no solution") {
  test::World world;
  REQUIRE_OK(test::load_world("a 1:\nb 1:\n", world));
  TwoIndexes source(world);
  CHECK(told(single({"a>=2"}), source) ==
        "error: no version of `a` matches >=2\n"
        "because you asked for a>=2 (pyproject.toml:7)\n"
        "hint: `a` is also on `internal`, but only the first index that has a project counts\n"
        "versions of `a`: 1");
  source.asked = 0;
  REQUIRE_OK(resolver::resolve(single({"a", "b"}), source));
  CHECK(source.asked == 0);
}

TEST_CASE("a release that was cut off is told with its date; without a date it counts as newer") {
  test::World world;
  REQUIRE_OK(test::load_world("a 1:\nb 1 {uploaded 2024-05-01T10:30:00Z}:\n", world));
  resolver::Problem problem = single({"b"});
  problem.policy.exclude_newer = time::parse_rfc3339("2024-01-01");
  CHECK(told(problem, world) ==
        "error: every version of `b` that fits is newer than the cut-off\n"
        "because b 1 was uploaded after the cut-off, and you asked for b (pyproject.toml:7)\n"
        "hint: `b` 1 was uploaded on 2024-05-01T10:30:00Z, the cut-off (exclude-newer) is 2024-01-01");
  problem.requirements = single({"a"}).requirements;
  CHECK(told(problem, world) ==
        "error: every version of `a` that fits is newer than the cut-off\n"
        "because a 1 was uploaded after the cut-off, and you asked for a (pyproject.toml:7)\n"
        "hint: when `a` 1 was uploaded is not known, so it counts as newer than the cut-off (exclude-newer is "
        "2024-01-01)");
}

TEST_CASE(
    "a cut-off is for what somebody uploaded to an index: not for URLs, and a project's or an index's own goes "
    "before") {
  resolver::Policy policy;
  pep::DistFile file;
  file.project = pep::Name::from_normalized("a");
  file.index = "corp";
  file.url = "https://index.example/a-1.tar.gz";
  CHECK_FALSE(policy.is_cut_off(file));
  policy.exclude_newer = 1000;
  CHECK(policy.is_cut_off(file));  // nobody knows when it was uploaded
  file.upload_time = 999;
  CHECK_FALSE(policy.is_cut_off(file));
  file.upload_time = 1000;
  CHECK(policy.is_cut_off(file));
  policy.exclude_newer_of_index["corp"] = 2000;
  CHECK_FALSE(policy.is_cut_off(file));
  policy.exclude_newer_of[file.project] = 500;
  CHECK(policy.is_cut_off(file));
  policy.exclude_newer_of[file.project] = std::nullopt;
  CHECK_FALSE(policy.is_cut_off(file));
  policy.exclude_newer_of.clear();
  for (const char* local : {"file:///srv/a", "installed:/env/a-1.dist-info"}) {
    file.url = local;
    file.index.clear();
    CHECK_FALSE(policy.is_cut_off(file));
  }
  test::World world;
  REQUIRE_OK(test::load_world("@ https://example.org/a.tar.gz a 1:\n", world));
  resolver::Problem problem = single({"a @ https://example.org/a.tar.gz"});
  problem.policy.exclude_newer = 1000;
  CHECK(told(problem, world).find("cut-off") == std::string::npos);
}

TEST_CASE("a narrower requires-python is proposed when it works, and only then") {
  const std::string world_text =
      "n 1 {python >=3.8}: nowhere\nn 2 {python >=3.10}:\nk 1 {python >=3.11}:\no 1 {python >=3.10}: nowhere\n";
  const auto hint_for = [&](const std::string& question) {
    test::World world;
    REQUIRE_OK(test::load_world(world_text, world));
    const auto problem = test::lock_problem(question);
    REQUIRE_OK(problem);
    const auto answer = resolver::resolve(*problem, world);
    REQUIRE_OK(answer);
    REQUIRE(std::holds_alternative<resolver::Conflict>(*answer));
    return std::get<resolver::Conflict>(*answer).hint;
  };
  CHECK(hint_for("--python >=3.9 n").find("`requires-python = \">=3.10\"` would work") == 0);
  CHECK(hint_for("--python >=3.9,<3.14 n, k").find("`requires-python = \">=3.11,<3.14\"` would work") == 0);
  CHECK(hint_for("--python >=3.9 o").find("requires-python") == std::string::npos);
}
