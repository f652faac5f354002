#pragma once
// From a source's URL to its files in a folder: an archive out of the cache or downloaded, then unpacked; a revision
// checked out; a folder where it is.

#include <map>
#include <mutex>
#include <string>

#include "base/events.h"
#include "base/fs.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/sdist_store.h"
#include "index/source_tree.h"
#include "index/vcs/git.h"
#include "pep/dist_file.h"
#include "pep/source_url.h"

namespace pkg::index {

// Threads: any. Index::source_tree says what the answers are.
class TreeSource {
 public:
  TreeSource(SdistStore& archives, const CachePaths& paths, const vcs::Connection& connection, Reporter& reporter,
             const CancelToken& cancel)
      : archives_(archives),
        tools_folder_(paths.repositories()),
        git_(paths, connection, cancel),
        offline_(connection.offline),
        reporter_(reporter),
        cancel_(cancel) {}
  // What the revision of a vcs source stands for; asked once. not_found: no such revision, tool, or nothing in the
  // cache when offline · network · unsupported: a system pkg does not know · interrupted.
  Result<std::string> commit_of(const pep::SourceUrl& source);
  // The errors of commit_of; hash_mismatch; bad_data: an archive that breaks the rules · io.
  Result<SourceTree> get(const pep::DistFile& file, const fs::Path& into);

 private:
  Result<SourceTree> archive(pep::DistFile file, const std::string& subdirectory, const fs::Path& into);
  Result<SourceTree> checkout(const pep::SourceUrl& source, const fs::Path& into);
  Status check_reachable(const pep::SourceUrl& source) const;

  SdistStore& archives_;
  const fs::Path tools_folder_;  // where programs run: not the working folder
  vcs::Git git_;
  const bool offline_;
  Reporter& reporter_;
  const CancelToken& cancel_;
  std::mutex mutex_;
  std::map<std::string, std::string> commits_;
};

}  // namespace pkg::index
