#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace pkg::cli {
namespace {

// The front end's own state: what is still to be written, and whether colours are wanted. Touched by the main thread only.
std::string pending;
enum class ColorMode { automatic, always, never } color_mode = ColorMode::automatic;

bool write_fully(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string_view code(Style style) {
  switch (style) {
    case Style::bold:
      return "\033[1m";
    case Style::dim:
      return "\033[2m";
    case Style::red:
      return "\033[1;31m";
    case Style::green:
      return "\033[32m";
    case Style::yellow:
      return "\033[33m";
    case Style::cyan:
      return "\033[36m";
    case Style::plain:
      break;
  }
  return {};
}

}  // namespace

void out(std::string_view text) {
  pending += text;
  if (pending.size() > (64u << 10)) flush();
}

void err(std::string_view text) {
  flush();
  write_fully(STDERR_FILENO, text);
}

bool flush() {
  const bool written = write_fully(STDOUT_FILENO, pending);
  pending.clear();
  return written;
}

bool is_terminal(Stream stream) { return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1; }

void set_color(std::string_view mode) {
  color_mode = mode == "always" ? ColorMode::always : mode == "never" ? ColorMode::never : ColorMode::automatic;
}

std::string styled(std::string_view text, Style style, Stream stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = color_mode == ColorMode::always ||
                      (color_mode == ColorMode::automatic && (no_color == nullptr || *no_color == '\0') && is_terminal(stream));
  if (!wanted || style == Style::plain) return std::string(text);
  return std::string(code(style)) + std::string(text) + "\033[0m";
}

}  // namespace pkg::cli
