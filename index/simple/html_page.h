#pragma once
// HTML pages (PEP 503 and what its data- attributes became), read as a stream of tags.
//
// A tree is not needed to find anchors, and building one from hostile nesting costs time and stack. So this is the
// tokenizer of the HTML standard (comments, raw text elements, attributes, the character references that attribute
// values of such pages hold) and nothing behind it.

#include <string>
#include <string_view>

#include "base/result.h"
#include "index/simple/page.h"

namespace pkg::index {

// Never fails on markup: what is no anchor with a reference is no link. The first <base href> counts for all links.
// unsupported, bad_data: the version that the page declares (simple/api_version.h).
Result<PageHead> parse_html_page(std::string_view body, const std::string& url, const LinkSink& sink);

// What the page calls itself: its title, or first heading, and whether that is how lists of files are called. Apart
// from the rest, because only pages without files are asked.
void read_html_title(std::string_view body, PageHead& head);

}  // namespace pkg::index
