#pragma once
// What a wheel's archive says about itself, checked before a byte is written (PEP 427; the rules are in
// docs/internals/cache-layout.md#wheels).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/zip.h"
#include "pep/record.h"
#include "pep/wheel_manifest.h"

namespace pkg::index {

enum class RecordCheck : std::uint8_t {
  strict,
  relaxed
};  // relaxed: RECORD may disagree with the archive (--no-verify-record)

// A file of the archive and where it goes.
struct WheelFile {
  const zip::Entry* entry = nullptr;    // of the reader
  const pep::RecordRow* row = nullptr;  // of WheelLayout::record; null: not listed (relaxed only)
  std::string_view name;                // last component; a view into entry->name
  std::uint32_t dir = 0;                // into manifest.dirs
};

struct WheelLayout {
  pep::WheelManifest manifest;  // all of it but the files, wheel_sha256 and record_verified
  std::vector<pep::RecordRow> record;
  std::vector<WheelFile> files;  // sorted by dir and name; without RECORD and what installers write themselves
  bool record_complete = false;  // RECORD lists exactly the archive's files, each with a strong hash
};

// Refused: a dist-info folder that is missing, not alone, or of another name or version than `file_name`; WHEEL or
// METADATA that cannot be read or say something else; Wheel-Version beyond 1; entry points and scripts with names that
// are none; unknown .data keys; two files for one place; (strict) a RECORD that does not list exactly the files that
// are there. Errors: bad_data · unsupported, the message without the wheel's name.
Result<WheelLayout> read_wheel_layout(const zip::Reader& archive, std::string_view file_name, RecordCheck check);

}  // namespace pkg::index
