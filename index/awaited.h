#pragma once
// The answer of something that calls back from another thread, waited for.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace pkg::index {

// Hand a copy to what calls back: it keeps the place of the answer alive. Threads: any; put() and take() once each.
template <class T>
class Awaited {
 public:
  void put(T answer) const {
    const std::lock_guard lock(state_->mutex);
    state_->answer.emplace(std::move(answer));
    state_->there.notify_all();
  }

  // Waits for it.
  T take() const {
    std::unique_lock lock(state_->mutex);
    state_->there.wait(lock, [this] { return state_->answer.has_value(); });
    return *std::move(state_->answer);
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<T> answer;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace pkg::index
