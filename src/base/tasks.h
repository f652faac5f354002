#pragma once
// A bounded pool of workers, and cancellation. Threads start with the first task, so that a warm command that needs
// none pays for none.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.h"

namespace pkg {

// Set from a signal handler or by the first failing task; asked for between steps of long work.
class CancelToken {
 public:
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

class TaskPool {
 public:
  explicit TaskPool(std::size_t threads);  // 0: number of cores
  ~TaskPool();                             // waits for all tasks
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // `failed` is called when the task throws (no memory): whoever waits for the task has to hear of it.
  void submit(std::function<void()> task, std::function<void(Error)> failed);
  std::size_t threads() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Calls step(0) … step(count - 1) on up to `threads` threads, the caller's among them; returns when all are done. Steps
// are taken in order. What a step throws is thrown here, when the others have ended.
void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& step);
std::size_t core_count();  // as the affinity mask allows

}  // namespace pkg
