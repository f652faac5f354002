#pragma once
// Files of distributions, whole and under their own names, in a folder: what download, wheel and bundle leave behind.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/fetch/fetch.h"
#include "ops/session/session.h"
#include "pep/dist_file.h"

namespace pkg::ops {

struct FileInFolder {
  std::filesystem::path path;
  std::string sha256_hex;
  std::uint64_t size_bytes = 0;
  bool kept = false;  // it was there already, with the announced hash
};

// In the order of `files`, several at a time. A file that is there and has an announced hash is kept, another one of
// the name replaced; both appear whole. `from` (may be empty): a folder whose files are taken instead of a download
// where their hash is the announced one. hash_mismatch: also a file that has none of its required hashes. conflict: two
// files of one name and different hashes.
Result<std::vector<FileInFolder>> put_files(std::span<const pep::DistFile* const> files, const RequiredHashes& required,
                                            const std::filesystem::path& folder, const std::filesystem::path& from,
                                            Session& session);

}  // namespace pkg::ops
