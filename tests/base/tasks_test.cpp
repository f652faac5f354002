#include "base/tasks.h"

#include <doctest/doctest.h>

#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace pkg;

TEST_CASE("a pool runs every task before it ends") {
  std::atomic<int> done{0};
  {
    TaskPool pool(3);
    CHECK(pool.threads() == 3);
    for (int i = 0; i < 200; ++i) pool.submit([&] { ++done; }, [](const Error&) {});
  }
  CHECK(done == 200);
}

TEST_CASE("a task may submit another") {
  std::atomic<int> done{0};
  {
    TaskPool pool(1);
    pool.submit(
        [&] {
          pool.submit([&] { ++done; }, [](const Error&) {});
          ++done;
        },
        [](const Error&) {});
  }
  CHECK(done == 2);
}

TEST_CASE("a pool without tasks starts no thread and ends") { CHECK(TaskPool(0).threads() == core_count()); }

TEST_CASE("each step of a parallel loop runs once") {
  for (const std::size_t threads : {0u, 1u, 4u}) {
    std::vector<std::atomic<int>> runs(500);
    parallel_for(runs.size(), threads, [&](std::size_t i) { ++runs[i]; });
    for (const auto& count : runs) CHECK(count == 1);
  }
  parallel_for(0, 4, [](std::size_t) { FAIL("no step"); });
}

TEST_CASE("one thread takes the steps in order, in the caller") {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  parallel_for(5, 1, [&](std::size_t i) {
    CHECK(std::this_thread::get_id() == caller);
    order.push_back(i);
  });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("what a task throws is told as an error, and the pool goes on") {
  std::vector<Error> errors;
  std::atomic<int> done{0};
  {
    TaskPool pool(1);
    const auto keep = [&](Error error) { errors.push_back(std::move(error)); };
    pool.submit([] { throw std::bad_alloc(); }, keep);
    pool.submit([] { throw std::length_error("vector"); }, keep);
    pool.submit([] { throw std::runtime_error("odd\n"); }, keep);
    pool.submit([&] { ++done; }, keep);
  }
  CHECK(done == 1);
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].kind == ErrorKind::io);
  CHECK(errors[0].message == "there is not enough memory");
  CHECK(errors[1].message == errors[0].message);
  CHECK(errors[2].kind == ErrorKind::internal);
  CHECK(errors[2].message == "pkg met something unexpected: odd\\x0a");
}

TEST_CASE("what a step of a parallel loop throws is thrown to the caller when all threads have ended") {
  for (const std::size_t threads : {1u, 4u}) {
    std::atomic<int> running{0}, begun{0};
    const auto loop = [&] {
      parallel_for(100'000, threads, [&](std::size_t i) {
        ++running, ++begun;
        const bool fails = i == 10;
        --running;
        if (fails) throw std::bad_alloc();
      });
    };
    CHECK_THROWS_AS(loop(), std::bad_alloc);
    CHECK(running == 0);
    CHECK(begun < 100'000);
  }
}

TEST_CASE("a cancelled token stays cancelled") {
  CancelToken token;
  CHECK_FALSE(token.is_cancelled());
  token.cancel();
  CHECK(token.is_cancelled());
}
