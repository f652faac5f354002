#pragma once
// What a release needs in all of its environments, where its wheels do not say the same.
// docs/resolver.md#which-metadata

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "resolver/fork.h"
#include "resolver/package_source.h"

namespace pkg::resolver {

// Whether an index announces different metadata for wheels among `files`, which are not empty.
bool metadata_differs(std::span<const pep::DistFile* const> files);

// Of a release's wheels one for each metadata that is announced: the first of `files`, then those whose hash no earlier
// one has. Only the first where hashes are not announced.
std::vector<const pep::DistFile*> wheels_that_differ(std::span<const pep::DistFile* const> files);

// `first` is the metadata of files.front(), with the problem's rules; so are the others. Where another wheel asks for
// something else, the requirements of all: each under a marker for the environments of the wheels that have it.
// Otherwise `first` itself. Wheels whose metadata cannot be had count for nothing. Errors: the source's.
Result<std::shared_ptr<const pep::Metadata>> joined_metadata(std::shared_ptr<const pep::Metadata> first,
                                                             std::span<const pep::DistFile* const> files,
                                                             PackageSource& source, const Problem& problem,
                                                             ForkWorld& world);

}  // namespace pkg::resolver
