#pragma once
// The text files of a bundle. The same packages give the same bytes.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/bundle/bundle_contents.h"
#include "ops/bundle/bundle_targets.h"

namespace pkg::ops {

inline constexpr std::string_view kBundleMark = "bundle.json";  // says that a folder is a bundle
inline constexpr int kBundleVersion = 1;

// A package with what is known once its file is there.
struct BundledFile {
  const BundlePackage* package = nullptr;
  std::string sha256_hex;
  std::uint64_t size_bytes = 0;
};

struct BundleText {
  std::string path;  // in the bundle
  std::string text;
};

// `files`: sorted as BundleContents. `builds`: BundleContents::builds. Everything but SHA256SUMS.
std::vector<BundleText> bundle_texts(std::span<const BundledFile> files, std::span<const BundleTarget> targets,
                                     std::span<const lock::LockedBuild> builds = {});

// Lines for `sha256sum -c`; (sha256 in hex, path), sorted by path here.
std::string checksums_text(std::vector<std::pair<std::string, std::string>> sums);

}  // namespace pkg::ops
