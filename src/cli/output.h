#pragma once
// The one place that writes to stdout and stderr. Foreign text is made printable by the caller's use of quote() and printable().

#include <string>
#include <string_view>

namespace pkg::cli {

void out(std::string_view text);  // data; buffered, flushed by flush() and at the end
void err(std::string_view text);  // everything else
bool flush();                     // false: stdout could not be written

enum class Style { plain, bold, dim, red, green, yellow, cyan };
// `text` in a style, when stderr (or stdout) is a terminal and colour is wanted.
enum class Stream { out, err };
std::string styled(std::string_view text, Style style, Stream stream);
void set_color(std::string_view mode);  // "auto", "always", "never"
bool is_terminal(Stream stream);

}  // namespace pkg::cli
