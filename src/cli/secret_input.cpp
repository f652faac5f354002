#include "cli/secret_input.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/fs.h"
#include "base/text.h"
#include "cli/output/output.h"

namespace pkg::cli {
namespace {

constexpr std::size_t kLongestSecret = 64u << 10;

class WithoutEcho {
 public:
  WithoutEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~WithoutEcho() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  termios before_{};
  bool is_changed_ = false;
};

// Up to the end of the line, of the input, or an interruption.
Result<std::string> read_line() {
  std::string text;
  char c = 0;
  while (text.size() <= kLongestSecret) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) return make_error(ErrorKind::interrupted, "interrupted");
    if (got < 0) return fs::errno_error("cannot read", "standard input", errno);
    if (got == 0 || c == '\n') break;
    text.push_back(c);
  }
  if (text.ends_with('\r')) text.pop_back();
  if (text.size() > kLongestSecret)
    return make_error(ErrorKind::usage, "the first line of standard input is too long for a password");
  return text;
}

}  // namespace

Result<std::string> read_secret(const std::string& what, bool from_pipe) {
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1;
  if (!is_terminal && !from_pipe)
    return make_error(ErrorKind::usage, cat("there is no terminal to read the ", what, " from"),
                      "give it on standard input, with --password-stdin or --token-stdin");
  if (!is_terminal) return read_line();
  err(what, ": ");
  auto secret = [] {
    const WithoutEcho quiet;
    return read_line();
  }();
  err("\n");
  return secret;
}

}  // namespace pkg::cli
