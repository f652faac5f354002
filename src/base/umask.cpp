#include "base/umask.h"

#include <sys/stat.h>

#include <charconv>
#include <string_view>

#include "base/fs.h"
#include "base/limits.h"

namespace pkg {

mode_t process_umask() {
  constexpr std::string_view kRow = "\nUmask:\t";
  if (const auto status = fs::read_named_at_most("/proc/self/status", limits::kSmall)) {
    const auto row = status->find(kRow);
    unsigned mask = 0;
    const char* const begin = status->data() + row + kRow.size();
    if (row != std::string::npos && std::from_chars(begin, status->data() + status->size(), mask, 8).ec == std::errc())
      return mask;
  }
  // Without /proc the only way to see it is to change it: what others make meanwhile is for this user alone.
  const mode_t mask = ::umask(077);
  ::umask(mask);
  return mask;
}

}  // namespace pkg
