#pragma once
// When to stop asking a remote cache in this command: after failures in a row, or when it has cost more time than it
// may. So that a slow or dead one is a bounded delay.
//
// Time counts while at least one question is open. Off it comes what an answer may take: a little for each, and its
// bytes at a modest rate. What is left was waited for in vain; once that is more than the patience, it is over.

#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pkg::index {

// Threads: any. Times are seconds of any steady clock.
class Patience {
 public:
  explicit Patience(double seconds) : seconds_(seconds) {}

  // False: it is over, nothing may be begun.
  bool begin(double now);
  // Some bytes of an answer came; false: it is over, end the question.
  bool took(std::uint64_t bytes, double now);
  enum class Outcome : std::uint8_t { answered, failed };
  // Ends what begin() began. True: it is over by this, and nobody said so before.
  bool end(Outcome outcome, double now);
  bool is_over() const;
  void give_up();  // whatever was waited for
  double lost_s() const;

 private:
  void advance(double now);
  bool is_spent() const { return waited_ - earned_ > seconds_; }

  const double seconds_;
  mutable std::mutex mutex_;
  std::size_t open_ = 0;
  int failures_in_a_row_ = 0;
  double last_ = 0, waited_ = 0, earned_ = 0;
  bool over_ = false, told_ = false;
};

}  // namespace pkg::index
