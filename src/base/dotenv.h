#pragma once
// Variables in a file, as people know them from ".env". There is no standard; these are the rules
// (docs/reference/env-files.md has them for people):
//
//   NAME=value            letters, digits and `_`; white space around the name, the `=` and the value is layout
//   export NAME=value     the same
//   # text                a comment, on a line of its own or behind white space; in quotes it is none
//   'text'                as it is, over several lines, too
//   "text"                the same with \n \r \t \\ \" \$ and a backslash at a line's end that joins it to the next
//   ${NAME} ${NAME:-text} outside single quotes: the value of a variable; `text` where it is not set or empty
//   \$                    a dollar sign, where `${` would begin a variable. A `$` without `{` is one anyway
//
// Nothing is ever run.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/user_folders.h"

namespace pkg {

// No variable is longer, with its name: the system would not start a program with one.
inline constexpr std::size_t kLongestVariable = 128u << 10;
// What all files together may come to.
inline constexpr std::size_t kMostVariableBytes = 1u << 20;

// Adds the variables of `text`; a name that is there already gets the new value. What `environment` has comes first
// where a value names a variable, then `variables`. bad_data with file and line, and without any value: a line that is
// none of the above, a quote or `${` that is not closed, a zero byte, more than the two limits.
Status add_dotenv(std::string_view text, const std::string& file, const Getenv& environment,
                  std::map<std::string, std::string>& variables);

}  // namespace pkg
