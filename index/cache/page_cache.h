#pragma once
// Where packed pages lie on disk: <cache>/pages-v3/<index>/<project>.page (docs/internals/cache-layout.md#pages).

#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/packed_page.h"
#include "pep/name.h"

namespace pkg::index {

// Threads: any. Processes: any number; a page is replaced by rename, its freshness rewritten in place.
class PageCache {
 public:
  explicit PageCache(fs::Path folder) : folder_(std::move(folder)) {}
  // A folder's name for an index and the way it is reached (Client::access): no credentials in it.
  static std::string index_key(const std::string& index_url, std::string_view access);

  std::shared_ptr<const PackedPage> load(const std::string& key,
                                         const pep::Name& project) const;     // nullptr: not there, or damaged
  std::string bytes(const std::string& key, const pep::Name& project) const;  // of the file; empty: there is none
  // Writes a page made from bytes; then it reads its files from there and lets go of the bytes. A failure only costs a
  // request next time.
  void store(const std::string& key, const pep::Name& project, const PackedPage& page) const;
  // io: the page stays as stale as it was.
  Status confirm(const std::string& key, const pep::Name& project, std::int64_t fetched_at,
                 std::int64_t max_age_s) const;

 private:
  fs::Path path(const std::string& key, const pep::Name& project) const;
  const fs::Path folder_;
};

}  // namespace pkg::index
