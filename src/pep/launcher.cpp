#include "pep/launcher.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::pep {
namespace {

// What Linux before 5.1 reads of the line, "#!" and the line end included.
constexpr std::size_t kMaxShebang = 127;

bool is_shell_safe(char c) {
  return is_ascii_alnum(c) || std::string_view("@%+=:,./_-").find(c) != std::string_view::npos;
}

// A word for /bin/sh. The quote is written so that three of them never follow each other: the word stands in a Python
// string.
std::string shell_word(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_shell_safe)) return std::string(text);
  return cat("'", replace_all(text, "'", "'\"'\"'"), "'");
}

}  // namespace

std::string shebang(std::string_view python_path) {
  if (python_path == kPythonBeside)
    return "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/python \"$0\" \"$@\"\n' '''\n";
  const bool is_short = python_path.size() + 3 <= kMaxShebang;
  if (is_short && std::none_of(python_path.begin(), python_path.end(), is_ascii_space))
    return cat("#!", python_path, "\n");
  return cat("#!/bin/sh\n'''exec' ", shell_word(python_path), " \"$0\" \"$@\"\n' '''\n");
}

std::string launcher_text(const Script& script, std::string_view python_path) {
  const std::string_view attribute = script.attribute;
  const std::string_view imported = attribute.substr(0, attribute.find('.'));
  return cat(shebang(python_path), "import sys\n\nfrom ", script.module, " import ", imported,
             "\n\nif __name__ == \"__main__\":\n    sys.exit(", attribute, "())\n");
}

bool has_python_shebang(std::string_view content) { return content.starts_with("#!python"); }

std::string rewrite_shebang(std::string_view content, std::string_view python_path) {
  if (!has_python_shebang(content)) return std::string(content);
  const auto line_end = content.find('\n');
  return cat(shebang(python_path),
             line_end == std::string_view::npos ? std::string_view() : content.substr(line_end + 1));
}

}  // namespace pkg::pep
