#pragma once
// A lock has a hash for every file (PEP 751): those that no index announces are found out.

#include "base/result.h"
#include "ops/session/session.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// Wheels without a hash are fetched, local archives read. What is left is for lock::check_hashes to tell. Errors: those
// of Index::wheel; not_found, io: a local archive.
Status complete_hashes(resolver::Resolution& resolution, Session& session);

}  // namespace pkg::ops
