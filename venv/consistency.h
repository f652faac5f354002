#pragma once
// Do installed distributions have what they need? Used by `check`, by the "nothing to do" answer of install, and for
// warnings after a change.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/environment.h"
#include "pep/metadata.h"
#include "pep/requirement.h"
#include "pep/target.h"
#include "venv/site.h"
#include "venv/wholeness.h"

namespace pkg::venv {

// Metadata of installed distributions, read when asked for and kept.
class InstalledSet {
 public:
  explicit InstalledSet(std::span<const InstalledDist> dists);  // `dists` outlive this
  const InstalledDist* find(const pep::Name& name) const;
  std::span<const InstalledDist> all() const { return dists_; }
  Result<const pep::Metadata*> metadata(const InstalledDist& dist);  // not_found, bad_data, io: as read_metadata()

 private:
  std::span<const InstalledDist> dists_;
  std::map<pep::Name, const InstalledDist*> by_name_;
  std::map<const InstalledDist*, pep::Metadata> metadata_;
};

struct Inconsistency {
  enum class Kind {
    missing,
    wrong_version,
    wrong_python,
    other_metadata,
    unreadable,
    incomplete,
    broken
  } kind = Kind::missing;
  const InstalledDist* dist = nullptr;
  std::string requirement;  // as the distribution states it
  std::string found;        // the version that is there; what is wrong
  std::string to_string() const;
};

// What `dists` (a part of `installed`) lack. One entry per unmet requirement, in order. `incomplete`: what
// find_incomplete() found among them.
std::vector<Inconsistency> find_inconsistencies(std::span<const InstalledDist* const> dists, InstalledSet& installed,
                                                const pep::Target& target, const Incomplete& incomplete = {});

// True when every requirement (and what it needs, extras included) is installed in a version it accepts, within the
// constraints, and whole (missing_part()). Unreadable metadata: false.
bool is_satisfied(std::span<const pep::Requirement> requirements, std::span<const pep::Requirement> constraints,
                  InstalledSet& installed, const pep::Target& target, bool with_dependencies);

}  // namespace pkg::venv
