#pragma once
// A command as people write it on one line, as its words. No shell is started, and none is imitated further than its
// quotes go (POSIX.1-2017, Shell Command Language 2.2).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg {

// Words are separated by white space; quotes and backslashes mean what they mean to a shell. What only a shell could
// carry out is bad_data and not passed on as a word: an operator (`|`, `&&`, `>`, `;`, two lines), `$NAME`, `$(…)` and
// backquotes that no single quote or backslash keeps as they are. bad_data, too: a quote that is not closed, a
// backslash at the end. Patterns (`*`, `?`, `[a]`) and `~` are words like any others.
Result<std::vector<std::string>> shell_words(std::string_view text);

}  // namespace pkg
