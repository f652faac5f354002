#pragma once
// The text of console and GUI scripts on POSIX, and of "#!python" scripts after installation (entry-points spec, PEP
// 427).

#include <string>
#include <string_view>

#include "pep/entry_points.h"

namespace pkg::pep {

// In place of a path: the `python` in the script's own folder, so that both may be moved.
inline constexpr std::string_view kPythonBeside = {};

// "#!python_path\n"; where the kernel could not read that (longer than 127 bytes, or white space in the path), a few
// lines that are shell to /bin/sh, which executes the interpreter, and an unused string to Python.
std::string shebang(std::string_view python_path);

// The complete file for `script`, run by the interpreter `python_path`.
std::string launcher_text(const Script& script, std::string_view python_path);

// True for a script of a wheel that is to be run by the interpreter it is installed for: it begins with "#!python".
bool has_python_shebang(std::string_view content);
// `content` with its first line replaced when has_python_shebang(content), else as it is.
std::string rewrite_shebang(std::string_view content, std::string_view python_path);

}  // namespace pkg::pep
