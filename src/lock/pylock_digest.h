#pragma once
// The last line of a lock that pkg wrote: a digest of all before it. docs/reference/lockfile.md

#include <string>

namespace pkg::lock {

void append_digest_line(std::string& text);

}  // namespace pkg::lock
