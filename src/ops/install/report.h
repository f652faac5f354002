#pragma once
// What pip's installation report says of each distribution: where it comes from, why, and all of its metadata.

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/direct_url.h"
#include "pep/metadata.h"
#include "resolver/resolution.h"

namespace pkg::ops {

struct ReportedDist {
  pep::DirectUrl source;  // also of files of an index: their address and hashes
  bool is_direct = false, is_yanked = false, requested = false;
  std::vector<std::string> requested_extras;  // sorted; only where requested
  pep::RawMetadata metadata;
};

struct ReportScope {
  const resolver::Resolution* resolution = nullptr;
  std::set<pep::Name> requested;
  std::set<std::string> names;  // those that are reported, normalized
  bool dry_run = false;         // metadata without files, where an index announces it; nothing is built
};

// In the order of the resolution. What is not at hand is fetched; where that fails, the metadata that the resolver saw
// stands alone. Errors: interrupted.
Result<std::vector<ReportedDist>> report_dists(const ReportScope& scope, Session& session);

}  // namespace pkg::ops
