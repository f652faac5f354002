#pragma once
// JSON pages (PEP 691, 700, 714, 792), read in one pass without a tree and without recursion.

#include <span>
#include <string>

#include "base/result.h"
#include "index/simple/page.h"

namespace pkg::index {

// bad_data: malformed, nested deeper than 64, or no page. A file without name or URL is left out. `body` is read in
// place; a NUL has to follow it, and nothing else is read or written behind it.
Result<PageHead> parse_json_page(std::span<char> body, const std::string& url, const LinkSink& sink);

}  // namespace pkg::index
