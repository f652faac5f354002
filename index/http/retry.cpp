#include "index/http/retry.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace pkg::index {
namespace {

constexpr double kFirstDelaySeconds = 0.25, kLongestDelaySeconds = 8, kLongestRetryAfterSeconds = 60;

}  // namespace

bool is_transient(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

double backoff_s(int attempt, double random) {
  double delay = kFirstDelaySeconds;
  for (int i = 1; i < attempt && delay < kLongestDelaySeconds; ++i) delay *= 2;
  delay = std::min(delay, kLongestDelaySeconds);
  return delay * (0.5 + 0.5 * random);
}

RetryAfter retry_after(const ResponseHead& head, std::int64_t now) {
  const auto* value = head.find("retry-after");
  if (value == nullptr) return {};
  std::optional<double> seconds;
  if (const auto number = parse_u64(*value))
    seconds = static_cast<double>(*number);
  else if (const auto date = time::parse_http_date(*value))
    seconds = static_cast<double>(std::max<std::int64_t>(*date - now, 0));
  if (!seconds) return {};
  if (*seconds > kLongestRetryAfterSeconds) return {true, std::nullopt};
  return {true, seconds};
}

}  // namespace pkg::index
