#pragma once
// Mercurial, Subversion and Bazaar (Breezy) by their command-line tools: asked and fetched again each time, nothing of
// them is cached.

#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "base/tasks.h"
#include "pep/source_url.h"

namespace pkg::index::vcs {

// `folder` is where the tools run: absolute, made when absent, in no repository.
// hg: the full id; svn: the number of the last change; bzr: the revision number. not_found: no such revision, or no
// such tool.
Result<std::string> commit_of_other(const pep::SourceUrl& source, const fs::Path& folder, const CancelToken& cancel);
// source.revision, which commit_of_other told, into the empty folder `into`. not_found, network, interrupted.
Status checkout_other(const pep::SourceUrl& source, const fs::Path& into, const fs::Path& folder,
                      const CancelToken& cancel);

}  // namespace pkg::index::vcs
