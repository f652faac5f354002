#pragma once
// A lock has a hash for every file (PEP 751): those that no index announces are found out.

#include <cstdint>

#include "base/result.h"
#include "ops/session/session.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// Whether one of its files has a hash that is worth something.
bool has_hashed_file(const resolver::Pin& pin);

// needed: wheels, and sdists of releases that have no other file with a hash. all: every file that can have one.
enum class WhichHashes : std::uint8_t { needed, all };

// Files without a hash are fetched, those of this machine read. Folders and revisions have none: what is left is for
// lock::check_hashes to tell. Errors: those of Index::wheel and Index::download; not_found, io: a local archive.
Status complete_hashes(resolver::Resolution& resolution, WhichHashes which, Session& session);

}  // namespace pkg::ops
