#pragma once
// Compare the files of an environment with what RECORD says of them.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/site.h"

namespace pkg::venv {

struct FileProblem {
  enum class Kind : std::uint8_t { missing, altered, unreadable, no_record } kind = Kind::missing;
  pep::Name dist;
  std::string path;    // as RECORD writes it
  std::string detail;  // "expected sha256 …, found …"
};

// Every file of the distributions, in parallel, and whether METADATA says the name and version of its folder. Bytecode
// is ignored. Where another distribution's file lies at a path, the one that is kept aside is looked at.
Result<std::vector<FileProblem>> verify(std::span<const InstalledDist> dists, const Environment& environment);

}  // namespace pkg::venv
