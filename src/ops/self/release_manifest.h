#pragma once
// What says which release of pkg is the newest, and where its files are (docs/reference/self-update.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/version.h"

namespace pkg::ops {

struct ReleaseFile {
  std::string target;  // "x86_64-linux-musl"
  std::string url;     // as written: relative to the manifest's own address, or whole
  std::string sha256_hex;
  std::uint64_t size_bytes = 0;
};

struct ReleaseManifest {
  pep::Version version;
  std::string version_text;
  std::vector<ReleaseFile> files;  // one for each target

  const ReleaseFile* file_for(std::string_view target) const;  // nullptr: there is none
};

inline constexpr std::uint64_t kMostManifestBytes = 1u << 20, kMostReleaseBytes = 512u << 20;

// Keys that are not known are ignored. bad_data: no object of the form above, a hash that is none, a size of nothing or
// of more than kMostReleaseBytes, a target that is there twice, a name that no folder could have.
Result<ReleaseManifest> parse_release_manifest(std::string_view text);

// The 64 bytes that manifest.json.sig holds as base64, with or without a line end. bad_data.
Result<std::string> parse_signature_file(std::string_view text);
// A public key as settings have it: 32 bytes as base64. bad_data.
Result<std::string> parse_public_key(std::string_view text);

}  // namespace pkg::ops
