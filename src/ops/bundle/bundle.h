#pragma once
// `pkg bundle`: a folder or archive with everything that a lock or requirements need, for several targets at once, to
// be installed without a network by pkg, pip or uv. docs/guides/bundle.md

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/bundle/bundle_targets.h"
#include "ops/inputs/inputs.h"
#include "ops/lock/lock_source.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"

namespace pkg::ops {

// Without inputs: of a lock, that of the project or `file`.
struct BundleOptions : LockUse {
  InputOptions inputs;
  SelectionOptions selection;  // of a lock
  BundleTargetOptions targets;
  std::string output = "bundle";  // a folder, or an archive: .zip, .tar, .tar.gz
  bool allow_sdists = false;      // sources where there is no wheel, instead of building one
};

struct BundleReport {
  std::filesystem::path path;
  std::vector<std::string> targets;  // by name
  std::size_t packages = 0, files = 0, built = 0, sources = 0;
  std::uint64_t size_bytes = 0;  // of the distributions
  std::optional<LockReport> lock;
  std::vector<std::string> notes, warnings;
  double seconds = 0;
};

// conflict: the output is there and no bundle, or holds what is not of a bundle. unsupported: a package without a wheel
// for a target that cannot be built for it here. Others: those of a resolution, of open_lock, of put_files. The bundle
// appears whole or not at all.
Result<BundleReport> bundle(const BundleOptions& options, Session& session);

}  // namespace pkg::ops
