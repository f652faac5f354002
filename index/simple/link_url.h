#pragma once
// From a reference on a page to an absolute, percent-encoded URL: the common forms without a general parse.

#include <string>
#include <string_view>

#include "index/simple/page.h"

namespace pkg::index {

class LinkBase {
 public:
  explicit LinkBase(std::string_view page_url);
  // Sets url, fragment and file_name. False: the reference cannot name a file.
  bool resolve(std::string_view reference, Link& link) const;

 private:
  void join(std::string_view reference, std::string& out) const;
  std::string base_;     // without query and fragment
  std::size_t path_at_;  // where the path begins
};

// The digests in a URL's fragment ("sha256=…", perhaps among other keys).
void read_fragment_hash(std::string_view fragment, Link::Hashes& hashes);

}  // namespace pkg::index
