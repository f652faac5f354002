#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace pkg {

void check_failed(const char* what, const char* file, int line) {
  std::fprintf(
      stderr,
      "pkg: internal error: %s:%d: check failed: %s\nthis is a mistake in pkg: please report it, with the command\n",
      file, line, what);
  std::abort();
}

}  // namespace pkg
