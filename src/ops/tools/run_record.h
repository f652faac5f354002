#pragma once
// What a request for a tool came to, from one run to the next: which environment below the cache folder has it, so that
// the next run neither resolves nor starts Python. `<cache>/tool-runs-v1/DIGEST`, with the user's MAC
// (venv/state_key.h): no other program's word leads to a program that is run.

#include <filesystem>
#include <optional>
#include <string>

#include "ops/session/resolve_options.h"
#include "ops/session/session.h"
#include "pep/name.h"

namespace pkg::ops {

struct RunRecord {
  std::string environment;  // the name of a folder among index::CachePaths::environments()
  pep::Name package;        // what was asked for
  bool operator==(const RunRecord&) const = default;
};

// Everything that decides over the answer to a request, besides the answers of the indexes. `request`: the words. Hex.
std::string run_digest(const std::string& request, const ResolveOptions& options, const Session& session);

// nullopt: there is none, or it is not the user's.
std::optional<RunRecord> read_run(const std::string& digest, const Session& session);
// Failing is no error: the next run resolves.
void write_run(const std::string& digest, const RunRecord& record, const Session& session);
void forget_run(const std::string& digest, const Session& session);

}  // namespace pkg::ops
