#include "base/tasks.h"

#include <doctest/doctest.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace pkg;

TEST_CASE("a pool runs every task before it ends") {
  std::atomic<int> done{0};
  {
    TaskPool pool(3);
    CHECK(pool.threads() == 3);
    for (int i = 0; i < 200; ++i) pool.submit([&] { ++done; });
  }
  CHECK(done == 200);
}

TEST_CASE("a task may submit another") {
  std::atomic<int> done{0};
  {
    TaskPool pool(1);
    pool.submit([&] {
      pool.submit([&] { ++done; });
      ++done;
    });
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

TEST_CASE("a cancelled token stays cancelled") {
  CancelToken token;
  CHECK_FALSE(token.is_cancelled());
  token.cancel();
  CHECK(token.is_cancelled());
}
