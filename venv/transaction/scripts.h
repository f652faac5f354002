#pragma once
// The files an installer writes itself for a wheel: launchers, scripts with their shebang changed, INSTALLER,
// REQUESTED, direct_url.json, RECORD.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// Adds them to the placement; RECORD with its content still empty. hash_mismatch: a script in the store was edited.
Status add_written_files(Placement& placement, const WheelToInstall& wheel, std::uint32_t wheel_index,
                         const std::string& python);

// RECORD as installed, in the order of the manifest: hashes of linked files as the wheel's RECORD had them, fresh ones
// of written files.
std::string record_text(const Placement& placement, const pep::WheelManifest& manifest, std::uint32_t wheel_index);

}  // namespace pkg::venv
