#pragma once
// The file name that a lock's url or path ends with.

#include <string>
#include <string_view>

namespace pkg::lock {

// The last part of a path; both kinds of slash separate.
std::string_view last_of_path(std::string_view path);
// What a file is called that has no `name` of its own: the last part of the URL, percent-decoded, else of the path.
std::string implied_name(std::string_view url, std::string_view path);

}  // namespace pkg::lock
