#pragma once
// A file of the store, before it is linked or copied: is it what the manifest says, and still this user's alone? Files
// of the store are those of environments, too: who changes an owner, a mode or a byte there changes them here.

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "pep/wheel_manifest.h"

namespace pkg::venv {

// Who may own a file that is linked, and the mode it must have.
struct SourceRules {
  uid_t self = 0;
  mode_t umask = 0;
  static SourceRules of_process();
  // Files of the store are written by their owner alone, whatever the umask says.
  mode_t mode_of(const pep::ManifestFile& file) const { return (file.executable ? 0755 : 0644) & ~umask; }
  bool is_ours(const struct stat& info) const { return info.st_uid == self || info.st_uid == 0; }
};

enum class SourceState : std::uint8_t {
  good,        // linked as it is
  other_mode,  // nobody else could write to it; good for a copy, but a link would have another mode than it should
  doubtful,    // another's, or written by others, or unreadable: its size and mtime say nothing about its bytes
};

// What is known by one look: size and mtime are the manifest's, or its hash is. hash_mismatch: it is another file, or
// gone · io. `folder` is the path of the folder `at`.
Result<SourceState> look_at_source(int at, std::string_view folder, const pep::ManifestFile& file,
                                   const SourceRules& rules);

// Puts a fresh copy with the right owner and mode in the place of a doubtful file. False: the store cannot be written,
// or its file system decides about owners and modes. hash_mismatch: it is not the manifest's file · io.
Result<bool> renew_source(int at, std::string_view folder, const pep::ManifestFile& file, const SourceRules& rules);

// Whether the file `file.name` in the folder `at` has the bytes of the manifest. hash_mismatch · io. `folder` is where
// the store has it, for the error.
Status check_bytes(int at, std::string_view folder, const pep::ManifestFile& file);

// For folders that are linked as a whole, whose files are used where they are: as look_at_source, and renewed where
// others may write to it.
Status check_source(int at, std::string_view folder, const pep::ManifestFile& file, const SourceRules& rules);

}  // namespace pkg::venv
