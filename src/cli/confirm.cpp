#include "cli/confirm.h"

#include <unistd.h>

#include <cerrno>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::cli {

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && is_terminal(Stream::err); }

Result<bool> confirm(const Text& question) {
  constexpr std::size_t kLongest = 16;
  err_text(question);
  std::string answer;
  char c = 0;
  while (answer.size() <= kLongest) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) return make_error(ErrorKind::interrupted, "interrupted");
    if (got < 0) return fs::errno_error("cannot read", "standard input", errno);
    if (got == 0 || c == '\n') break;
    answer.push_back(c);
  }
  const auto word = to_ascii_lower(trim(answer));
  return word == "y" || word == "yes";
}

}  // namespace pkg::cli
