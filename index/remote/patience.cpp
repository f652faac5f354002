#include "index/remote/patience.h"

#include <algorithm>

namespace pkg::index {
namespace {

constexpr int kFailuresInARow = 3;
constexpr double kPerAnswerSeconds = 0.02;
constexpr double kBytesPerSecond = 2.0 * 1024 * 1024;  // of all questions together

}  // namespace

void Patience::advance(double now) {
  if (open_ > 0) waited_ += std::max(0.0, now - last_);
  last_ = now;
  earned_ = std::min(earned_, waited_);  // nothing is saved up for later
}

bool Patience::begin(double now) {
  const std::lock_guard lock(mutex_);
  if (over_) return false;
  advance(now);
  ++open_;
  return true;
}

bool Patience::took(std::uint64_t bytes, double now) {
  const std::lock_guard lock(mutex_);
  advance(now);
  earned_ += static_cast<double>(bytes) / kBytesPerSecond;
  over_ = over_ || is_spent();
  return !over_;
}

bool Patience::end(Outcome outcome, double now) {
  const std::lock_guard lock(mutex_);
  advance(now);
  --open_;
  failures_in_a_row_ = outcome == Outcome::failed ? failures_in_a_row_ + 1 : 0;
  if (outcome == Outcome::answered) earned_ += kPerAnswerSeconds;
  over_ = over_ || is_spent() || failures_in_a_row_ >= kFailuresInARow;
  const bool is_news = over_ && !told_;
  told_ = over_;
  return is_news;
}

bool Patience::is_over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

void Patience::give_up() {
  const std::lock_guard lock(mutex_);
  over_ = told_ = true;
}

double Patience::lost_s() const {
  const std::lock_guard lock(mutex_);
  return std::max(0.0, waited_ - earned_);
}

}  // namespace pkg::index
