#pragma once
// `pkg self update`: a newer binary in the place of the running one (docs/reference/self-update.md).

#include <filesystem>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"

namespace pkg::ops {

// The running program's file, and what is around it.
struct OwnBinary {
  std::filesystem::path path;
};
// io: /proc does not say it · not_found: the file was deleted or replaced since.
Result<OwnBinary> own_binary();

// That pkg may replace its own file. unsupported: something else installed it, which would not know of the change (a
// `share/pkgpy/installed-by` that does not say "tarball", pip's record of it, a folder of the system) · io: another
// user owns the file or its folder, or the folder cannot be written to.
Status may_replace(const OwnBinary& binary);

struct UpdateOptions {
  std::string manifest_url;     // of manifest.json; its signature is at the same address with ".sig"
  std::string public_key;       // base64
  std::string current_version;  // of the running program
  std::string target;
  bool only_check = false;  // look, and change nothing
  bool force = false;       // also to the same version, or an older one
};

struct UpdateReport {
  std::filesystem::path binary;
  std::string current, available;
  enum class Outcome { up_to_date, available, updated } outcome = Outcome::up_to_date;
};

// The manifest's bytes are believed only when the key signed them, the archive's only when they have the size and hash
// that the manifest says, and the program in it only when it starts and is that version. The file is written beside the
// old one and renamed over it: killed at any time, one or the other is there.
//   errors  usage: no address, no key · bad_data: a signature, manifest or archive that is none · hash_mismatch ·
//           conflict: the release is older · not_found: nothing for this target · those of may_replace and of the
//           client · io
Result<UpdateReport> update_self(const UpdateOptions& options, Session& session);

}  // namespace pkg::ops
