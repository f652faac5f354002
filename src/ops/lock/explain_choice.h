#pragma once
// `pkg lock --explain NAME`: why this version and not a newer one. The answer is found by asking: the same problem is
// solved again with newer versions required, and what then goes wrong is the reason.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/tasks.h"
#include "pep/marker.h"
#include "pep/name.h"
#include "pep/version.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"

namespace pkg::ops {

// One version of the package that was chosen, and where.
struct ChosenVersion {
  pep::Version version;
  pep::Marker marker;
};

struct ChoiceExplanation {
  enum class Kind {
    newest,      // there is no newer one
    prerelease,  // only pre-releases are newer
    conflict,    // a newer one cannot be had: `lines` derive it
    preference,  // the lock keeps it; without it a newer one would be chosen
    trade,       // a newer one would cost older versions of others
    files,       // a newer one has no file for a platform where it would be installed, and this one has
  } kind = Kind::newest;
  pep::Version version;
  pep::Marker marker;
  std::optional<pep::Version> newest, possible;  // in the index; that would be taken
  std::string headline;
  std::vector<std::string> lines;
  std::string hint;
};

// One answer for each version in `chosen`. `problem` is what the choice was made from, its preferences included.
// Errors: those of the source, interrupted; not_found: `chosen` is empty.
Result<std::vector<ChoiceExplanation>> explain_choice(const resolver::Problem& problem, const pep::Name& name,
                                                      const std::vector<ChosenVersion>& chosen,
                                                      resolver::PackageSource& source,
                                                      const CancelToken* cancel = nullptr);

}  // namespace pkg::ops
