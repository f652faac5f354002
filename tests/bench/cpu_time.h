#pragma once
// The clock of the benches.

#include <ctime>

namespace pkg::bench {

// Processor time of this process, so that a busy machine does not count.
inline double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace pkg::bench
