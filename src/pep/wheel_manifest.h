#pragma once
// What installing needs to know of an unpacked wheel, as one binary record: folders, files by folder, modes, RECORD
// rows, scripts. Written once by index/wheels/wheel_store beside the unpacked files, read by venv/transaction/install,
// so that an install neither walks, parses nor hashes.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/entry_points.h"
#include "pep/name.h"
#include "pep/version.h"

namespace pkg::pep {

// Where a part of the wheel goes.
enum class Scheme : std::uint8_t { purelib, platlib, headers, scripts, data };

// 32 raw bytes in place: ten thousand files are decoded without an allocation for each. All zero: not set.
class Sha256Digest {
 public:
  Sha256Digest() = default;
  Sha256Digest(std::string_view raw_bytes);  // NOLINT: implicit. Precondition: 32 bytes
  Sha256Digest(const std::string& raw_bytes) : Sha256Digest(std::string_view(raw_bytes)) {}  // NOLINT
  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }               // NOLINT
  bool operator==(const Sha256Digest&) const = default;

 private:
  std::array<char, 32> bytes_{};
};

struct ManifestFile {
  std::string name;  // last component
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // of the unpacked file in the store: an edit through a hard link changes it
  Sha256Digest sha256;
  bool executable = false;
  bool python_shebang = false;  // in scripts/: begins with "#!python": rewritten on install, never linked
  bool operator==(const ManifestFile&) const = default;
};
struct ManifestDir {
  Scheme scheme = Scheme::purelib;
  std::string path;        // below the scheme's folder, '/'-separated, "" for the folder itself
  std::string store_path;  // below the unpacked wheel, "" for its top
  std::vector<ManifestFile> files;
  bool operator==(const ManifestDir&) const = default;
};

struct WheelManifest {
  Name name;
  Version version;
  std::string name_as_written, version_as_written;  // as METADATA says
  std::string dist_info;                            // "numpy-2.1.0.dist-info"
  bool root_is_purelib = true;
  bool record_verified = false;       // each hash and the set of files were checked when unpacking
  std::string wheel_sha256;           // 32 raw bytes
  std::vector<Script> scripts;        // of entry_points.txt
  std::vector<ManifestDir> dirs;      // sorted by (scheme, path); parents before children; RECORD itself is not in it
  std::vector<std::string> warnings;  // e.g. a newer minor Wheel-Version

  bool operator==(const WheelManifest&) const = default;

  std::string encode() const;
  // bad_data when the bytes are not exactly one manifest of this format's version: a checksum ends it.
  static Result<WheelManifest> decode(std::string_view bytes);
};

// Whether a file of .dist-info is the installer's to write: a wheel that brings its own would lie about how it got
// here.
bool is_written_by_installers(std::string_view name);

// Beside the folder of the unpacked files: there once a folder of theirs was linked to. Holds, each ended by a NUL, the
// prefixes of environments whose use no count of hard links tells (index/wheels/linked_wheels.h).
inline constexpr const char* kLinkingEnvironments = "environments";

// An unpacked wheel in the store.
struct UnpackedWheel {
  std::string path;  // absolute folder of the unpacked files
  WheelManifest manifest;
};

}  // namespace pkg::pep
