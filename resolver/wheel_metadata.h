#pragma once
// What a release needs in all of its environments, where its wheels do not say the same.
// docs/internals/resolver.md#which-metadata

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "resolver/fork.h"
#include "resolver/package_source.h"

namespace pkg::resolver {

// Whether wheels among `files`, which are not empty, have different metadata: the index announces different hashes, or
// one is a variant and the other is none, or another.
bool metadata_differs(std::span<const pep::DistFile* const> files);

// Of a release's wheels one for each metadata: the first of `files`, then those that differ in that sense from all
// before.
std::vector<const pep::DistFile*> wheels_that_differ(std::span<const pep::DistFile* const> files);

// `first` is the metadata of files.front(), with the problem's rules; so are the others. Where another wheel asks for
// something else, the requirements of all: each under a marker for the environments of the wheels that have it.
// Otherwise `first` itself. Wheels whose metadata cannot be had count for nothing. Errors: the source's.
Result<std::shared_ptr<const pep::Metadata>> joined_metadata(std::shared_ptr<const pep::Metadata> first,
                                                             std::span<const pep::DistFile* const> files,
                                                             PackageSource& source, const Problem& problem,
                                                             ForkWorld& world);

}  // namespace pkg::resolver
