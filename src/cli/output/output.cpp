#include "cli/output/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "base/secret_url.h"

namespace pkg::cli {
namespace {

// The front end's own state: what is still to be written, where to, and whether colours are wanted. Touched by the main
// thread only.
std::string pending;
Sinks sinks;
LiveOutput* live_output = nullptr;
enum class ColorMode { automatic, always, never } color_mode = ColorMode::automatic;

std::string* sink_of(Stream stream) { return stream == Stream::out ? sinks.out : sinks.err; }

bool write_as_is(Stream stream, std::string_view text) {
  if (auto* sink = sink_of(stream)) {
    *sink += text;
    return true;
  }
  const int fd = stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO;
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_fully(Stream stream, std::string_view text) {
  if (live_output != nullptr && !text.empty() && is_terminal(stream)) live_output->clear();
  return write_as_is(stream, text);
}

void put(std::string_view text) {
  pending += text;
  if (pending.size() > (64u << 10)) flush();
}

// printable() says what is to be hidden, as \x7f or \u{202e}; JSON writes it its own way.
void append_json_escape(std::string& text, std::string_view visible) {
  const bool is_byte = visible[1] == 'x';
  const auto digits = is_byte ? visible.substr(2) : visible.substr(3, visible.size() - 4);
  std::uint32_t code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  const auto add = [&](std::uint32_t unit) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", unit);
    text += buffer;
  };
  if (code < 0x10000) return add(code);
  add(0xD800 + ((code - 0x10000) >> 10));
  add(0xDC00 + ((code - 0x10000) & 0x3FF));
}

bool is_plain_json(char c) { return (c >= 0x20 && c <= 0x7E) || c == '\n'; }

std::size_t utf8_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

// json::dump gives valid UTF-8, and has line ends only between values.
std::string json_text(const json::Json& value, int indent) {
  const auto dumped = without_secrets(json::dump(value, indent));
  std::string text;
  text.reserve(dumped.size());
  for (std::string_view rest = dumped; !rest.empty();) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_plain_json) - rest.begin());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const auto one = rest.substr(0, utf8_length(rest[0]));
    const auto visible = printable(one);
    if (visible == one)
      text += one;
    else
      append_json_escape(text, visible);
    rest.remove_prefix(one.size());
  }
  return text;
}

namespace {

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

// What is not said on the command line: NO_COLOR, then FORCE_COLOR (any value but nothing), then what the stream is.
bool wants_color(Stream stream) {
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (is_set("NO_COLOR")) return false;
  return is_set("FORCE_COLOR") || (is_terminal(stream) && !is_dumb_terminal());
}

}  // namespace

Text Text::lines(std::string_view text) {
  Text result;
  while (!text.empty()) {
    const auto end = text.find_first_of("\n\t");
    result.add_foreign(text.substr(0, end));
    if (end == std::string_view::npos) break;
    result.add(text[end]);
    text.remove_prefix(end + 1);
  }
  return result;
}

void Text::add_foreign(std::string_view text) { bytes_ += printable(without_secrets(text)); }

void out_text(const Text& text) { put(text.str()); }

void err_text(const Text& text) {
  flush();
  write_fully(Stream::err, text.str());
}

void out_json(const json::Json& value, int indent) {
  put(json_text(value, indent));
  put("\n");
}

void err_json(const json::Json& value) {
  flush();
  write_fully(Stream::err, json_text(value, -1) + "\n");
}

void out_file(std::string_view text) {
  if (is_terminal(Stream::out))
    out_text(Text::lines(text));
  else
    put(text);
}

void set_live_output(LiveOutput* live) { live_output = live; }

void err_live(std::string_view bytes) { write_as_is(Stream::err, bytes); }

bool flush() {
  const bool written = write_fully(Stream::out, pending);
  pending.clear();
  return written;
}

bool is_terminal(Stream stream) {
  if (sink_of(stream) != nullptr) return sinks.are_terminals;
  return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

TerminalSize terminal_size(Stream stream) {
  if (sink_of(stream) != nullptr) return {};
  struct winsize size {};
  const int fd = stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO;
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

std::size_t help_width() {
  constexpr std::size_t kUsual = 80, kLeast = 20, kMost = 100;
  std::size_t columns = terminal_size(Stream::out).columns;
  if (const char* said = std::getenv("COLUMNS"); columns == 0 && said != nullptr)
    columns = static_cast<std::size_t>(parse_u64(said).value_or(0));
  return columns == 0 ? kUsual : std::clamp(columns, kLeast, kMost);
}

void set_sinks(const Sinks& now) {
  flush();
  sinks = now;
}

void set_color(std::string_view mode) {
  color_mode = mode == "always" ? ColorMode::always : mode == "never" ? ColorMode::never : ColorMode::automatic;
}

bool is_dumb_terminal() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) == "dumb";
}

Text styled(const Text& text, Style style, Stream stream) {
  const bool wanted = color_mode == ColorMode::always || (color_mode == ColorMode::automatic && wants_color(stream));
  Text result;
  if (wanted && style != Style::plain) result.bytes_ += code(style);
  result.bytes_ += text.str();
  if (wanted && style != Style::plain) result.bytes_ += "\033[0m";
  return result;
}

}  // namespace pkg::cli
