#include "cli/question.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::cli {
namespace {

constexpr std::size_t kLongestAnswer = 100;

// The end of the input is the end of the line. What follows a long line is left there.
Result<std::string> read_answer() {
  std::string text;
  char c = 0;
  while (text.size() <= kLongestAnswer) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) return make_error(ErrorKind::interrupted, "interrupted");
    if (got < 0) return fs::errno_error("cannot read", "standard input", errno);
    if (got == 0 || c == '\n') break;
    text.push_back(c);
  }
  return text;
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && is_terminal(Stream::err); }

Result<bool> ask(const Text& question) {
  err(question, " [y/N] ");
  PKG_TRY_ASSIGN(const auto answer, read_answer());
  const auto word = to_ascii_lower(trim(answer));
  return word == "y" || word == "yes";
}

}  // namespace pkg::cli
