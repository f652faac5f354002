#pragma once
// The most that is read of a file, by what the file is: the one table, told to users in docs/reference/limits.md. No
// real file comes near; what is larger was made to fill the memory. What a stream may unpack to and how deep a text may
// nest stands beside each parser.

#include <cstdint>

namespace pkg::limits {

inline constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

// Written by people
inline constexpr std::uint64_t kText =
    16 * kMiB;  // pyproject.toml, requirements and constraints, scripts, standard input
inline constexpr std::uint64_t kSettings = 1 * kMiB;  // pkg.toml, pip.conf, netrc, logins
inline constexpr std::uint64_t kOneLine = 64 * kKiB;  // .python-version and the like
// Written by packaging tools
inline constexpr std::uint64_t kLock = 64 * kMiB;      // pylock.toml
inline constexpr std::uint64_t kMetadata = 16 * kMiB;  // METADATA, PKG-INFO
inline constexpr std::uint64_t kRecord = 64 * kMiB;    // RECORD, installed-files.txt
inline constexpr std::uint64_t kSmall =
    1 * kMiB;  // pyvenv.cfg, WHEEL, INSTALLER, direct_url.json, entry_points.txt, .egg-link, a *.pth
inline constexpr std::uint64_t kVariants = 256 * kKiB;  // variants.json of a release, variant.json of a wheel
inline constexpr std::uint64_t kPage = 256 * kMiB;      // what an index says of a project
inline constexpr std::uint64_t kProgram = 512 * kMiB;   // an interpreter that is copied
inline constexpr std::uint64_t kMember = 4096 * kMiB;   // one file of an unpacked source archive
// Written by pkg itself; another may have been there since
inline constexpr std::uint64_t kState = 64 * kMiB;    // below .pkg: the journal, what a sync left, lists of links
inline constexpr std::uint64_t kCached = 256 * kMiB;  // manifests, pages and bundles of metadata in the cache

}  // namespace pkg::limits
