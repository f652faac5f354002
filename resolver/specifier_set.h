#pragma once
// Specifiers as sets of known versions (PEP 440): the one place where the solver meets local, post, pre and wildcard
// rules.

#include <span>

#include "pep/specifier.h"
#include "resolver/pubgrub/version_set.h"

namespace pkg::resolver {

// Inserts into `out` offset + i for each versions[i] that `specifiers` accept, pre-releases like any other version.
// Precondition: `versions` are sorted newest first. Cost: a binary search per specifier and a closer look at the
// versions around it.
void insert_matching(const pep::SpecifierSet& specifiers, std::span<const pep::Version> versions, pubgrub::Value offset,
                     pubgrub::VersionSet& out, pubgrub::SetArena& scratch);

}  // namespace pkg::resolver
