#pragma once
// Whether an environment could take a release, as far as the index's page tells: without metadata, without a solver.

#include <cstdint>
#include <span>
#include <string>

#include "pep/dist_file.h"
#include "pep/target.h"
#include "pep/version.h"
#include "resolver/policy.h"

namespace pkg::ops {

struct ReleaseFit {
  // Why not, in the order in which files are looked at: the file that came furthest counts. fits: it can be taken.
  enum class Verdict : std::uint8_t {
    no_file,
    exclude_newer,
    yanked,
    requires_python,
    other_platform,
    prerelease,
    fits
  } verdict = Verdict::no_file;
  std::string detail;                         // requires_python: the specifier; yanked: the reason, may be empty
  pep::DistKind kind = pep::DistKind::sdist;  // fits: of the best file
};

// `files`: of one release. `target`: nullptr for any; its tags may be absent. A pre-release fits where the policy
// allows it for the project.
ReleaseFit fit_of(const pep::Version& version, std::span<const pep::DistFile> files, const pep::Target* target,
                  const resolver::Policy& policy);

}  // namespace pkg::ops
