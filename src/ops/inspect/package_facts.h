#pragma once
// What is known of the packages of a graph without asking anybody: how large they are, their licences, what they are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/inspect/open_graph.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct PackageFacts {
  // Installed: the files of RECORD together. Locked: the wheel for the target (for every target: the largest), or else
  // the source archive. nullopt: not stated.
  std::optional<std::uint64_t> size_bytes;
  std::string license;  // License-Expression, else the classifiers', else the first line of License; empty: unknown
  std::string summary;
};

// By node of the graph. For a lock, licences and summaries are those of the same versions in the project's environment.
std::vector<PackageFacts> package_facts(const OpenedGraph& opened, Session& session);

// What metadata says the licence is, in one line of at most a hundred bytes.
std::string license_of(const pep::RawMetadata& metadata);

}  // namespace pkg::ops
