#pragma once
// Servers answer with a page where a file was asked for: a login, a captive portal, or the address of a page about it.

#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::index {

// Whether a text begins as an HTML page does, white space aside.
bool begins_like_html(std::string_view text);

// `error` of reading `archive`, or, where that is an HTML page, bad_data that says so.
Error told_of_html(std::string_view archive, Error error);
Error told_of_html_file(const fs::Path& archive, Error error);  // looks into the file

}  // namespace pkg::index
