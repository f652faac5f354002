#include "base/tasks.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/os.h"
#include "base/thrown.h"

namespace pkg {

namespace {

struct Task {
  std::function<void()> work;
  std::function<void(Error)> failed;
  void run() const { run_guarded(work, failed); }
};

}  // namespace

struct TaskPool::State {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Task> queue;
  std::vector<std::thread> workers;
  std::size_t limit = 1;
  std::size_t idle = 0;
  bool closing = false;

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      ready.wait(lock, [&] { return closing || !queue.empty(); });
      --idle;
      if (queue.empty()) return;
      auto task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      task.run();
      task = {};  // what it holds is let go of outside the lock
      lock.lock();
    }
  }
};

TaskPool::TaskPool(std::size_t threads) : state_(std::make_unique<State>()) {
  state_->limit = threads != 0 ? threads : core_count();
}

TaskPool::~TaskPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->ready.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

void TaskPool::submit(std::function<void()> work, std::function<void(Error)> failed) {
  Task task{std::move(work), std::move(failed)};
  bool run_here = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->queue.size() >= state_->idle && state_->workers.size() < state_->limit) {
      try {
        state_->workers.emplace_back([state = state_.get()] { state->work(); });
      } catch (const std::system_error&) {
        run_here = state_->workers.empty();  // no thread could be started: slower, not broken
      }
    }
    if (!run_here) state_->queue.push_back(std::move(task));
  }
  if (run_here) return task.run();
  state_->ready.notify_one();
}

std::size_t TaskPool::threads() const { return state_->limit; }

void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& step) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto work = [&] {
    try {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) step(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
      next = count;  // nothing more is begun
    }
  };
  std::vector<std::thread> helpers;
  const std::size_t wanted = std::min(threads != 0 ? threads : core_count(), count);
  try {
    while (helpers.size() + 1 < wanted) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // The threads there are do it all.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  if (thrown) std::rethrow_exception(thrown);
}

std::size_t core_count() {
  if (const int usable = os::usable_cores(); usable > 0) return static_cast<std::size_t>(usable);
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace pkg
