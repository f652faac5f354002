#pragma once
// Hash mode, as pip has it: once a requirement has a --hash, everything that is installed must be pinned
// and hashed. docs/reference/requirements-files.md#hashes

#include <functional>
#include <map>
#include <vector>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "pep/dist_file.h"
#include "pep/requirement.h"
#include "pep/requirements_txt.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// To one version (== or ===) or to a URL.
bool is_pinned(const pep::Requirement& requirement);

// The --hash options of one line. bad_data: no strong hash of the right length.
Result<std::vector<pep::FileHash>> hashes_of(const pep::RequirementLine& line);

// Adds what one line accepts for `requirement`. Of several unconditional lines (of constraints, too) only the hashes
// that all of them have count; lines with markers each add theirs. conflict: nothing is left.
Status add_hashes(const pep::Requirement& requirement, const std::vector<pep::FileHash>& hashes, Inputs& inputs);

// In hash mode "#sha256=…" of a requirement's or unnamed input's URL counts like --hash. conflict: as add_hashes.
Status add_url_hashes(Inputs& inputs);

// URLs of archives get the hash that they must have into their fragment, so that nothing is built before it is checked.
// hash_mismatch: an archive of this machine has another. unsupported: several hashes for an archive elsewhere.
Status pin_archives(Inputs& inputs);

// An sdist that is announced without a hash: gets the one it must have, or (false) cannot be checked before it is
// built, or has another.
bool pin_sdist(pep::DistFile& file, const std::vector<pep::FileHash>& required);

// In hash mode, bad_data: all in one error, what cannot be checked: no hash, not pinned, a folder, a checkout, an
// editable.
Status check_hash_mode(const Inputs& inputs);

// In hash mode, after resolving: what was pulled in has a hash, too, or is installed already and `stays`; else
// bad_data, which says who needs it, and the line to add.
Status check_resolved_hashes(const resolver::Problem& problem, const resolver::Resolution& resolution,
                             const std::function<bool(const resolver::Pin&)>& stays);

}  // namespace pkg::ops
