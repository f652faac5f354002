#pragma once
// `pkg tool ensure-path`: the folder of the user's programs on PATH, by one marked line in the file that the user's
// shell reads when it starts.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/user_folders.h"

namespace pkg::ops {

struct ShellProfile {
  std::string shell;           // "bash"
  std::filesystem::path file;  // that it reads
  bool is_fish = false;
};
// By $SHELL: bash → ~/.bashrc, zsh → $ZDOTDIR or ~/.zshenv, fish → its conf.d, everything else → ~/.profile. not_found:
// there is no home.
Result<ShellProfile> shell_profile(const Getenv& environment = process_environment());

inline constexpr const char* kProfileMark = "# by pkg tool ensure-path";

// The line, with its mark. `folder` is quoted for the shell; below `home` it is written as $HOME/….
std::string profile_line(const std::filesystem::path& folder, const std::filesystem::path& home, bool is_fish);
// `text` with `line`: in the place of a marked one, else at the end.
std::string with_profile_line(const std::string& text, const std::string& line);

struct PathReport {
  std::filesystem::path folder, file;
  std::string line;
  bool is_on_path = false;  // already: nothing is to be done
  bool has_line = false;    // the file had it: another shell has it on PATH
  bool changed = false;     // the file was, or would be with dry_run
};
// A file that is a link is changed where it leads to. not_found: there is no home, or no folder for programs ·
// bad_data: the folder's name cannot be written into a profile, or the file is too large · io.
Result<PathReport> ensure_path(bool dry_run, const Getenv& environment = process_environment());

}  // namespace pkg::ops
