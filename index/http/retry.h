#pragma once
// When to try again, and how long to wait before (docs/concepts/promises.md, 12). Pure: randomness is a parameter.

#include <optional>
#include <string>

#include "index/http/transport.h"

namespace pkg::index {

// 408, 425, 429 and 5xx, but not 501 and 505.
bool is_transient(int status);

// Seconds before attempt number `attempt` (1 is the first retry): 0.25, 0.5, 1 … at most 8, each between half and the
// whole of it by `random` (0 to 1).
double backoff_s(int attempt, double random);

// Retry-After of a response, in seconds or as a date; at most a minute: a longer wait is nullopt, and the request fails
// at once.
struct RetryAfter {
  bool given = false;
  std::optional<double> seconds;
};
RetryAfter retry_after(const ResponseHead& head, std::int64_t now);

}  // namespace pkg::index
