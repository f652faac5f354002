#include "resolver/prefetcher.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/world.h"

namespace pkg::resolver {
namespace {

// A source that can be told when something arrives, and notes what is wanted.
class Waiting final : public PackageSource {
 public:
  explicit Waiting(test::World& world) : world_(world) {}
  bool while_waiting(std::function<void(const Arrivals&)> told) override {
    act = std::move(told);
    return true;
  }
  void want_listings(std::span<const pep::Name> names) override {
    for (const auto& name : names) append(wanted, "page ", name.str(), "\n");
  }
  void want_metadata(std::span<const pep::DistFile* const> files) override {
    for (const auto* file : files) append(wanted, file->project.str(), " ", file->version.to_string(), "\n");
  }
  Result<const Listing*> listing(const pep::Name& name) override { return world_.listing(name); }
  Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) override {
    return world_.files(name, release);
  }
  Result<MetadataAnswer> metadata(const pep::DistFile& file) override { return world_.metadata(file); }
  Result<DirectAnswer> direct(const pep::Name& name, const std::string& url) override {
    return world_.direct(name, url);
  }

  std::string arrive_page(const std::string& name) {
    wanted.clear();
    act({.listings = {*pep::Name::parse(name)}, .metadata = {}});
    return wanted;
  }
  std::string arrive_metadata(const std::string& name, std::size_t release) {
    wanted.clear();
    const auto project = *pep::Name::parse(name);
    act({.listings = {}, .metadata = {world_.metadata(world_.files(project, release)->front())->metadata}});
    return wanted;
  }

  std::function<void(const Arrivals&)> act;
  std::string wanted;

 private:
  test::World& world_;
};

Problem problem_of(std::initializer_list<const char*> requirements) {
  Problem problem;
  problem.targets.emplace_back();
  problem.targets.front().python = *pep::Version::parse("3.12");
  problem.targets.front().environment.python_version = "3.12";
  for (const auto* text : requirements) problem.requirements.push_back(*pep::Requirement::parse(text));
  return problem;
}

TEST_CASE("pages lead to the metadata of the likely release, metadata to the pages of its requirements") {
  test::World world;
  world.add("a", "2.0rc1", {});
  world.add("a", "1.0", {.requires_dist = {"b<2", "c; python_version < '3'", "d; extra == 'x'"}});
  world.add("b", "2", {});
  world.add("b", "1", {});
  Waiting source(world);
  const auto problem = problem_of({"a"});
  const Prefetcher ahead(problem, source);
  CHECK(source.wanted == "page a\n");
  CHECK(source.arrive_page("a") == "a 1.0\n");
  CHECK(source.arrive_page("a").empty());
  CHECK(source.arrive_metadata("a", 1) == "page b\n");
  CHECK(source.arrive_metadata("a", 1).empty());
  CHECK(source.arrive_page("b") == "b 1\n");
}

TEST_CASE("an extra that is asked for later is followed then") {
  test::World world;
  world.add("a", "1", {.requires_dist = {"d; extra == 'x'"}, .provides_extra = {"x"}});
  world.add("b", "1", {.requires_dist = {"a[x]"}});
  Waiting source(world);
  const auto problem = problem_of({"a", "b"});
  const Prefetcher ahead(problem, source);
  source.arrive_page("a");
  CHECK(source.arrive_metadata("a", 0).empty());
  source.arrive_page("b");
  CHECK(source.arrive_metadata("b", 0) == "page d\n");
}

TEST_CASE("nothing is asked ahead without dependencies, and nobody is told when it is over") {
  test::World world;
  Waiting source(world);
  auto problem = problem_of({"a"});
  { const Prefetcher ahead(problem, source); }
  CHECK_FALSE(source.act);
  problem.policy.no_deps = true;
  source.wanted.clear();
  const Prefetcher ahead(problem, source);
  CHECK(source.wanted.empty());
}

}  // namespace
}  // namespace pkg::resolver
