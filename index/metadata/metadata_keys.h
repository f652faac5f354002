#pragma once
// Under which keys a file's metadata is kept. What a wheel holds whose sha256 was checked is proven, and stands for
// that sha256 wherever the wheel comes from. What an index or server said is not: it stands for what exactly they
// announced (docs/internals/cache-layout.md#metadata).

#include <string>
#include <string_view>

#include "pep/dist_file.h"

namespace pkg::index {

struct MetadataKeys {
  std::string proven;            // 32 raw bytes: the announced sha256; without one a digest of what was announced
  std::string said;              // everything that the text depends on, as a text
  std::string unproven() const;  // 32 raw bytes
};

// `access`: Client::access() of the file's URL. `verify_hashes`: an announced hash of the metadata is compared; the
// text then depends on nothing else.
MetadataKeys metadata_keys(const pep::DistFile& file, std::string_view access, bool verify_hashes);

// The file as it was announced, where it announces no sha256: name, size, URL, other hashes, and how the server is
// reached.
std::string announced_file(const pep::DistFile& file, std::string_view access);

bool has_checked_metadata(const pep::DistFile& file, bool verify_hashes);

}  // namespace pkg::index
