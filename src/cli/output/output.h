#pragma once
// The one place that writes to stdout and stderr. What people read goes through Text, which makes everything from
// outside printable; JSON and the text of file formats have functions of their own.

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace pkg::cli {

enum class Style { plain, bold, dim, red, green, yellow, cyan };
enum class Stream { out, err };

// Text that a terminal may be given. String literals, single characters and numbers are pkg's own and stay as they are;
// every other piece comes from outside: controls, line ends, and marks that hide or reorder text become visible in it
// (`\x1b`, `\u{202e}`; pkg::printable).
class Text {
 public:
  Text() = default;
  template <class First, class... More>
  requires(sizeof...(More) > 0 || !std::same_as<std::remove_cvref_t<First>, Text>) explicit Text(First&& first,
                                                                                                 More&&... more) {
    append(std::forward<First>(first), std::forward<More>(more)...);
  }
  // From outside too, but its line ends and tabs stay: whole lines of an error text, of a file.
  static Text lines(std::string_view text);

  template <class... Pieces>
  void append(Pieces&&... pieces) {
    (add(std::forward<Pieces>(pieces)), ...);
  }
  bool empty() const { return bytes_.empty(); }
  const std::string& str() const { return bytes_; }
  friend bool operator==(const Text& text, std::string_view bytes) { return text.bytes_ == bytes; }

 private:
  friend Text styled(const Text& text, Style style, Stream stream);
  template <std::size_t size>
  void add(const char (&literal)[size]) {
    bytes_.append(literal, size - 1);
  }
  template <std::size_t size>
  void add(char (&buffer)[size]) = delete;  // no literal
  template <class T>
  requires std::integral<T>
  void add(T one) { pkg::append(bytes_, one); }
  void add(const Text& text) { bytes_ += text.bytes_; }
  template <class T>
  requires(std::convertible_to<const T&, std::string_view> && !std::is_array_v<T>) void add(const T& text) {
    add_foreign(text);
  }
  void add_foreign(std::string_view text);

  std::string bytes_;
};

using pkg::append;
template <class... Pieces>
void append(Text& text, Pieces&&... pieces) {
  text.append(std::forward<Pieces>(pieces)...);
}

// `text` in a style, when stderr (or stdout) is a terminal and colour is wanted.
Text styled(const Text& text, Style style, Stream stream);
inline Text styled(std::string_view foreign, Style style, Stream stream) {
  return styled(Text(foreign), style, stream);
}

void out_text(const Text& text);  // data; buffered, flushed by flush() and at the end
void err_text(const Text& text);  // everything else
// One piece from outside alone, as a cat() of ours would be, is taken for a slip.
template <class Piece>
concept OursAlone = std::same_as<std::remove_cvref_t<Piece>, Text> || std::is_array_v<std::remove_reference_t<Piece>>;
template <class... Pieces>
concept Printable = sizeof...(Pieces) > 1 || (OursAlone<Pieces> && ...);
template <class... Pieces>
requires Printable<Pieces...>
void out(Pieces&&... pieces) { out_text(Text(std::forward<Pieces>(pieces)...)); }
template <class... Pieces>
requires Printable<Pieces...>
void err(Pieces&&... pieces) { err_text(Text(std::forward<Pieces>(pieces)...)); }

// The value on stdout, or on one line of stderr, with the characters that Text would make visible as \u escapes: the
// same value, and nothing that moves a cursor.
std::string json_text(const json::Json& value, int indent);
void out_json(const json::Json& value, int indent = 2);
void err_json(const json::Json& value);
// The text of a file format: byte for byte into a file or pipe, on a terminal as Text::lines.
void out_file(std::string_view text);

// What is shown on a terminal while work goes on, and has to go before anything else is written there. Set and unset by
// whoever draws it; `clear` is called on the thread that writes, and draws with err_live only.
struct LiveOutput {
  virtual ~LiveOutput() = default;
  virtual void clear() = 0;
};
void set_live_output(LiveOutput* live);
// Bytes of ours, or of a Text, as they are: for what draws itself over.
void err_live(std::string_view bytes);

bool flush();                           // false: stdout could not be written
void set_color(std::string_view mode);  // "auto", "always", "never"
bool is_terminal(Stream stream);
// Of the terminal that `stream` is, asked each time: windows change. 0: it is none, or does not say.
struct TerminalSize {
  std::size_t columns = 0, rows = 0;
};
TerminalSize terminal_size(Stream stream);
std::size_t help_width();  // of what stdout is: a terminal's columns within reason, COLUMNS, else 80
bool is_dumb_terminal();   // TERM=dumb: it shows text, and understands no colours or cursor movements

// Where output goes. Tests give strings instead of the process's stdout and stderr, and say what these are taken for.
struct Sinks {
  std::string* out = nullptr;  // null: the descriptor
  std::string* err = nullptr;
  bool are_terminals = false;  // asked for strings only
};
// From now on; flushes what is pending to where it was going. Threads: the main thread, while no other writes.
void set_sinks(const Sinks& sinks);

}  // namespace pkg::cli
