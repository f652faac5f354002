#pragma once
// The programs that distributions of an environment bring: what lies in its folder of scripts and is theirs by RECORD,
// be it made of an entry point or shipped as it is.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/name.h"
#include "venv/environment.h"
#include "venv/site.h"

namespace pkg::ops {

// Names, sorted, of `dist`. not_found, bad_data, io: its RECORD.
Result<std::vector<std::string>> programs_of(const venv::InstalledDist& dist, const venv::Environment& environment);

// Those of `package` among what is installed; none where it is not there. Errors: those of programs_of().
Result<std::vector<std::string>> programs_of(const pep::Name& package, std::span<const venv::InstalledDist> installed,
                                             const venv::Environment& environment);

// Which packages bring a program of this name. What cannot be read brings none.
std::vector<pep::Name> packages_with(const std::string& program, std::span<const venv::InstalledDist> installed,
                                     const venv::Environment& environment);

}  // namespace pkg::ops
