#pragma once
// The folder of the user's own programs, and the links that pkg keeps there (to tools, to interpreters). A link is
// pkg's when its text leads below `home`, one of pkg's own folders (of tools, of interpreters); what is somebody else's
// is never replaced unasked.

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "base/user_folders.h"

namespace pkg::user_programs {

// $PKG_BIN_DIR, else $XDG_BIN_HOME, else ~/.local/bin. Nothing is made or looked at. usage: $PKG_BIN_DIR is not
// absolute · not_found: there is no home.
Result<std::filesystem::path> folder(const Getenv& environment = process_environment());

// Who has what lies at `link`. Only the link's own text is read, never what it leads to: a link into `home` stays ours
// when its end is gone, a link elsewhere that ends in `home` is somebody else's. An empty `home` holds nothing.
enum class Holder : std::uint8_t { nobody, ours, foreign };
Holder holder(const std::filesystem::path& link, const std::filesystem::path& home);

// Makes the link, or replaces it atomically (a temporary name, then rename); makes its folder. With `force` somebody
// else's file or link is replaced, never a folder. conflict: somebody else's is there · io.
Status place(const std::filesystem::path& link, const std::filesystem::path& target, const std::filesystem::path& home,
             bool force);

// Removes the link when it is ours: whether it was. Somebody else's stays.
Result<bool> remove(const std::filesystem::path& link, const std::filesystem::path& home);

// Whether $PATH has the folder, by whatever links.
bool is_on_path(const std::filesystem::path& folder, const Getenv& environment = process_environment());

}  // namespace pkg::user_programs
