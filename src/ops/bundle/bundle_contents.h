#pragma once
// What goes into a bundle: for each target its pins, each with the one file it is installed from.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/bundle/bundle.h"
#include "ops/fetch/fetch.h"
#include "ops/inputs/inputs.h"
#include "ops/lock/lock_source.h"
#include "pep/dist_file.h"

namespace pkg::ops {

struct BundlePackage {
  pep::Name name;
  pep::Version version;
  pep::DistFile file;                      // a wheel, or with --allow-sdists an archive
  std::vector<std::size_t> targets;        // that need it, ascending
  std::vector<std::size_t> build_targets;  // where it is needed to build sources, likewise
  bool built = false;                      // here, from a source
};

struct BundleContents {
  std::vector<BundlePackage> packages;    // sorted by name, newest first, then by file name; one for each file
  RequiredHashes hashes;                  // that were asked for, of files that were not built
  std::vector<lock::LockedBuild> builds;  // of sources among `packages`: what builds them is there, too
  std::optional<LockReport> lock;
  std::vector<std::string> notes, warnings;
};

// Where the requirements or the lock come from; one of them.
struct BundleSource {
  std::optional<Inputs> inputs;
  std::optional<LockSource> lock;
};
// Errors: those of read_inputs, or of find_lock.
Result<BundleSource> read_bundle_source(const BundleOptions& options, const Session& session);

// Wheels are built on the way. `session`: for what was read. unsupported: a package has to be built for a target, and
// cannot be here, or is built for another · conflict: no solution, or extras and groups of the lock that exclude each
// other. Others: those of resolve_for_target, open_lock, select_packages, pins_of, and of SourceBuilder.
Result<BundleContents> bundle_contents(const BundleSource& source, const BundleOptions& options,
                                       std::span<const BundleTarget> targets, Session& session);

}  // namespace pkg::ops
