#include "ops/solve/solve.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "base/text.h"
#include "ops/solve/live_source.h"
#include "support/ops_kit.h"
#include "support/printers.h"

namespace pkg::ops {
namespace {

// One command after the other over the same cache.
struct Place {
  test::OpsKit kit;

  // "a 1, b 2", or the error's message; what was asked for is in `kit.index`.
  std::string solved(const std::vector<std::string>& requirements, const ResolveOptions& options = {}) {
    kit.index.forget();
    auto session = kit.session();
    Inputs inputs;
    for (const auto& text : requirements) inputs.requirements.push_back(pep::Requirement::parse(text).value());
    pep::Target target;
    target.environment.python_version = "3.12";
    target.environment.python_full_version = "3.12.1";
    target.python = pep::Version::parse("3.12.1").value();
    const auto problem = make_problem(inputs, options, target, {}).value();
    LiveSource source(*session.index().value(), {});
    const auto resolution = solve(problem, source, session);
    if (!resolution) return resolution.error().message;
    std::vector<std::string> pins;
    for (const auto& pin : resolution->pins) pins.push_back(cat(pin.name.str(), " ", pin.version.to_string()));
    std::ranges::sort(pins);
    return join(pins, ", ");
  }
  // The pages that the last command asked for.
  std::string pages() const {
    std::vector<std::string> names;
    for (const auto& url : kit.index.asked())
      if (url.starts_with(kit.index.url())) names.push_back(url.substr(kit.index.url().size()));
    std::ranges::sort(names);
    return join(names, " ");
  }
};

// Nothing can be built.
class FailingBuilder final : public SourceBuilder {
 public:
  Result<pep::DistFile> locate(const std::string&, bool) override { return failed(); }
  Result<NamedSource> source(const std::string&, bool) override { return failed(); }
  Result<index::MetadataResult> metadata(const pep::DistFile&) override { return failed(); }
  Result<pep::DistFile> wheel(const pep::DistFile&) override { return failed(); }
  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const>) override { return failed(); }
  Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile&, const PinsForBuild&) override {
    return failed();
  }
  const BuildOptions& options() const override { return options_; }
  const pep::Target& target() const override { return target_; }
  void keep_commits(std::map<std::string, std::string>) override {}

 private:
  static Error failed() { return make_error(ErrorKind::build, "no compiler"); }
  BuildOptions options_;
  pep::Target target_;
};

// Gives each release metadata with nothing in it, when two are asked for at once, or nobody else has come for a while.
class PairedBuilder final : public SourceBuilder {
 public:
  explicit PairedBuilder(int jobs) { options_.jobs = jobs; }
  Result<pep::DistFile> locate(const std::string&, bool) override { return not_here(); }
  Result<NamedSource> source(const std::string&, bool) override { return not_here(); }
  Result<index::MetadataResult> metadata(const pep::DistFile& file) override {
    std::unique_lock lock(mutex_);
    asked_.push_back(file.file_name);
    if (!answered_.insert(file.file_name).second) return index::MetadataResult{metadata_of(file), {}};
    ++inside_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(options_.jobs > 1 ? 5 : 0), [&] { return inside_ % 2 == 0; });
    most_ = std::max(most_, inside_ - left_);
    ++left_;
    return index::MetadataResult{metadata_of(file), {}};
  }
  Result<pep::DistFile> wheel(const pep::DistFile&) override { return not_here(); }
  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const>) override { return not_here(); }
  Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile&, const PinsForBuild&) override {
    return not_here();
  }
  const BuildOptions& options() const override { return options_; }
  const pep::Target& target() const override { return target_; }
  void keep_commits(std::map<std::string, std::string>) override {}

  int most_at_once() const { return most_; }
  const std::set<std::string>& answered() const { return answered_; }

 private:
  static Error not_here() { return make_error(ErrorKind::internal, "not in this test"); }
  static std::shared_ptr<const pep::Metadata> metadata_of(const pep::DistFile& file) {
    auto metadata = std::make_shared<pep::Metadata>();
    metadata->name = file.project;
    metadata->version = file.version;
    return metadata;
  }
  BuildOptions options_;
  pep::Target target_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  std::set<std::string> answered_;
  int inside_ = 0, left_ = 0, most_ = 0;
};

// The pins of four projects without wheels, and of one that has a wheel for another machine.
std::string solved_by(PairedBuilder& builder) {
  test::OpsKit kit;
  for (const auto* name : {"a", "b", "c", "d"}) kit.index.add(name, "1", {.tags = {}, .sdist = true});
  kit.index.add("w", "1", {.tags = {"cp312-cp312-win_amd64"}, .sdist = true});
  auto session = kit.session();
  Inputs inputs;
  for (const auto* name : {"a", "b", "c", "d", "w"})
    inputs.requirements.push_back(pep::Requirement::parse(name).value());
  pep::Target target;
  target.environment.python_version = "3.12";
  target.environment.python_full_version = "3.12.1";
  target.python = pep::Version::parse("3.12.1").value();
  const auto problem = make_problem(inputs, {}, target, {}).value();
  LiveSource source(*session.index().value(), {}, [&] { return Result<SourceBuilder*>(&builder); });
  const auto resolution = solve(problem, source, session);
  return resolution ? cat(resolution->pins.size()) : resolution.error().message;
}

pep::DistFile sdist(const std::string& version) {
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.project = pep::Name::from_normalized("a");
  file.version = pep::Version::parse(version).value();
  file.file_name = cat("a-", version, ".tar.gz");
  file.index = "index";
  return file;
}

}  // namespace

TEST_CASE("a release that cannot be built counts once, however often it is asked; after three releases it is enough") {
  test::OpsKit kit;
  kit.index.add("a", "0");
  auto session = kit.session();
  FailingBuilder builder;
  LiveSource source(*session.index().value(), {}, [&] { return Result<SourceBuilder*>(&builder); });
  for (int fork = 0; fork < 5; ++fork) {
    const auto answer = source.metadata(sdist("3"));
    REQUIRE_OK(answer);
    CHECK(answer->reason == "could not be built (no compiler)");
  }
  resolver::Resolution resolution;
  auto& pin = resolution.pins.emplace_back();
  pin.name = pep::Name::from_normalized("a");
  pin.version = pep::Version::parse("2").value();
  CHECK(source.passed_over(resolution) ==
        std::vector<std::string>{"`a` 3 could not be built, and 2 is taken: no compiler"});
  CHECK(source.metadata(sdist("1")).ok());
  const auto last = source.metadata(sdist("0.5"));
  REQUIRE(!last.ok());
  CHECK(last.error().message == "no compiler");
}

TEST_CASE("what has to be built to learn what it needs is built side by side, as many at a time as the job limit") {
  PairedBuilder pair(2);
  CHECK(solved_by(pair) == "5");
  CHECK(pair.most_at_once() == 2);
  CHECK(pair.answered() == std::set<std::string>{"a-1.tar.gz", "b-1.tar.gz", "c-1.tar.gz", "d-1.tar.gz"});
  PairedBuilder alone(1);
  CHECK(solved_by(alone) == "5");
  CHECK(alone.most_at_once() == 1);
}

TEST_CASE("a warm command sends nothing; one that cached pages have no solution for asks once, and is right") {
  Place place;
  place.kit.index.add("a", "1", {.requires_dist = {"b"}});
  place.kit.index.add("b", "1");
  CHECK(place.solved({"a"}) == "a 1, b 1");
  CHECK(place.pages() == "a/ b/");
  place.kit.index.add("a", "2", {.requires_dist = {"b>=2"}});
  place.kit.index.add("b", "2");
  CHECK(place.solved({"a"}) == "a 1, b 1");
  CHECK(place.pages().empty());
  CHECK(place.solved({"a==2"}) == "a 2, b 2");
  CHECK(place.pages() == "a/ b/");
  CHECK(place.solved({"a==2"}) == "a 2, b 2");
  CHECK(place.pages().empty());
  CHECK(place.solved({"a==3"}) == "no version of `a` matches ==3");
  CHECK(place.pages() == "a/");
}

TEST_CASE("an upgrade goes by the index of now: of all, or of those that it names") {
  Place place;
  place.kit.index.add("a", "1", {.requires_dist = {"b"}});
  place.kit.index.add("b", "1");
  CHECK(place.solved({"a"}) == "a 1, b 1");
  place.kit.index.add("a", "2", {.requires_dist = {"b"}});
  place.kit.index.add("b", "2");
  ResolveOptions options;
  options.upgrade_packages = {"b"};
  CHECK(place.solved({"a"}, options) == "a 1, b 2");
  CHECK(place.pages() == "b/");
  options.upgrade_packages.clear();
  options.upgrade = true;
  CHECK(place.solved({"a"}, options) == "a 2, b 2");
  CHECK(place.pages() == "a/ b/");
}

TEST_CASE("an index has a cut-off of its own, which a project's goes before") {
  Place place;
  place.kit.index.add("a", "1", {.upload_time = "2024-01-01T00:00:00Z"});
  place.kit.index.add("a", "2", {.upload_time = "2025-01-01T00:00:00Z"});
  ResolveOptions options;
  options.policy.exclude_newer = 1'600'000'000;  // 2020
  CHECK(place.solved({"a"}, options) == "every version of `a` that fits is newer than the cut-off");
  place.kit.settings.indexes.front().rules.exclude_newer = "2024-06-01";
  CHECK(place.solved({"a"}, options) == "a 1");
  place.kit.settings.indexes.front().rules.exclude_newer = "false";
  CHECK(place.solved({"a"}, options) == "a 2");
  options.policy.exclude_newer_of[pep::Name::from_normalized("a")] = 1'720'000'000;  // July 2024
  CHECK(place.solved({"a"}, options) == "a 1");
}

}  // namespace pkg::ops
