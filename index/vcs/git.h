#pragma once
// Git repositories: bare mirrors in the cache, brought up to date by the git program, and checkouts out of them
// (docs/internals/cache-layout.md#git).

#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "base/secret_url.h"
#include "base/tasks.h"
#include "index/cache/cache.h"
#include "index/vcs/tool.h"
#include "pep/source_url.h"

namespace pkg::index::vcs {

struct Connection {
  bool offline = false;
  SecretUrl proxy;  // empty, as ca_bundle: the tool's own settings
  std::string ca_bundle;
};

// Threads: any. Processes: any number; they take turns at one mirror. Errors: as Index::commit_of and
// Index::source_tree say.
class Git {
 public:
  Git(CachePaths paths, Connection connection, const CancelToken& cancel)
      : paths_(std::move(paths)), connection_(std::move(connection)), cancel_(cancel) {}

  // The full id that the revision stands for now; a branch before a tag of the same name, as pip has it.
  Result<std::string> commit_of(const pep::SourceUrl& source);
  // Checks source.revision, a full id, out into the empty folder `into`, submodules included. The checkout has a .git
  // of its own; with the whole history and tags where the build files look as if the version comes from them, else
  // with this one commit.
  Status checkout(const pep::SourceUrl& source, const fs::Path& into);

 private:
  const CachePaths paths_;
  const Connection connection_;
  const CancelToken& cancel_;
};

}  // namespace pkg::index::vcs
