#include "base/copy_bytes.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "base/fs_refusal.h"
#include "base/os.h"

namespace pkg::fs {
namespace {

constexpr std::size_t kAtOnce = 1u << 30;

}  // namespace

Status copy_bytes(int in, int out, const Path& name) {
  bool by_kernel = true;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    if (by_kernel) {
      const ssize_t moved = os::copy_range(in, out, kAtOnce);
      if (moved > 0 || (moved < 0 && errno == EINTR)) continue;
      if (moved < 0 && errno != EXDEV && !is_refusal(errno)) return errno_error("cannot write", name, errno);
      by_kernel = false;  // or the end, or a file system that says so wrongly: read() decides
    }
    const ssize_t got = ::read(in, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot copy to", name, errno);
    if (got == 0) return ok_status();
    PKG_TRY(write_all(out, std::string_view(buffer.data(), static_cast<std::size_t>(got)), name));
  }
}

}  // namespace pkg::fs
