#include "ops/builds/build_jobs.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/text.h"

using pkg::cat;
using pkg::Result;
using pkg::ops::BuildAnswer;
using pkg::ops::BuildJobs;

namespace {

BuildAnswer said(std::string reason) { return {nullptr, std::nullopt, std::move(reason), {}}; }

}  // namespace

TEST_CASE("equal questions run one build, from however many threads") {
  BuildJobs jobs;
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto answer = jobs.ask("a", "a", nullptr, [&](BuildJobs::Job&) -> Result<BuildAnswer> {
        ++runs;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return said("done");
      });
      if (answer && answer->reason == "done") ++right;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(runs == 1);
  CHECK(right == 8);
}

TEST_CASE("a build that needs itself through another is told as a circle, not waited for") {
  BuildJobs jobs;
  std::string inner;
  const auto answer = jobs.ask("a", "a 1", nullptr, [&](BuildJobs::Job& a) -> Result<BuildAnswer> {
    return jobs.ask("b", "b 2", &a, [&](BuildJobs::Job& b) -> Result<BuildAnswer> {
      const auto again = jobs.ask("a", "a 1", &b, [](BuildJobs::Job&) -> Result<BuildAnswer> { return said("never"); });
      inner = again->reason;
      return said("b done");
    });
  });
  REQUIRE(answer);
  CHECK(inner == "needs itself to be built: `b 2` needs `a 1` needs `b 2`");
}

TEST_CASE("two threads whose builds need each other both end") {
  for (int round = 0; round < 50; ++round) {
    BuildJobs jobs;
    std::atomic<int> circles{0};
    const auto build = [&](const std::string& mine, const std::string& other) {
      return jobs.ask(mine, mine, nullptr, [&](BuildJobs::Job& self) -> Result<BuildAnswer> {
        std::this_thread::yield();
        return jobs.ask(other, other, &self, [&](BuildJobs::Job& inner) -> Result<BuildAnswer> {
          const auto back =
              jobs.ask(mine, mine, &inner, [](BuildJobs::Job&) -> Result<BuildAnswer> { return said("never"); });
          if (back->reason.starts_with("needs itself")) ++circles;
          return *back;
        });
      });
    };
    std::string first, second;
    std::thread one([&] { first = build("x", "y")->reason; });
    std::thread two([&] { second = build("y", "x")->reason; });
    one.join();
    two.join();
    CHECK(first.find("needs itself") != std::string::npos);
    CHECK(second.find("needs itself") != std::string::npos);
  }
}

TEST_CASE("a failed build fails for everybody who asks, with the same error") {
  BuildJobs jobs;
  const auto work = [](BuildJobs::Job&) -> Result<BuildAnswer> {
    return pkg::make_error(pkg::ErrorKind::build, "it broke");
  };
  CHECK(jobs.ask("a", "a", nullptr, work).error().message == "it broke");
  CHECK(jobs.ask("a", "a", nullptr, [](BuildJobs::Job&) -> Result<BuildAnswer> { return said("fine"); })
            .error()
            .message == "it broke");
}
