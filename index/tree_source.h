#pragma once
// From a source's URL to its files in a folder: an archive out of the cache or downloaded, then unpacked; a revision checked out; a folder
// where it is.

#include <string>

#include "base/events.h"
#include "base/fs.h"
#include "base/result.h"
#include "index/sdist_store.h"
#include "index/source_tree.h"
#include "pep/dist_file.h"
#include "pep/source_url.h"

namespace pkg::index {

// Threads: any. Index::source_tree says what the answers are.
class TreeSource {
 public:
  TreeSource(SdistStore& archives, Reporter& reporter) : archives_(archives), reporter_(reporter) {}
  Result<SourceTree> get(const pep::DistFile& file, const fs::Path& into);

 private:
  Result<SourceTree> archive(pep::DistFile file, const std::string& subdirectory, const fs::Path& into);

  SdistStore& archives_;
  Reporter& reporter_;
};

}  // namespace pkg::index
