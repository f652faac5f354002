#pragma once
// Projects whose settings may spend the user's trust (`pkg config trust`): one line each in <state>/trusted-projects,
// which only the user's pkg writes. What is trusted is a folder (or script) together with what it asks for now: other
// words ask again. docs/reference/project.md#trust

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/user_folders.h"

namespace pkg::ops {

struct TrustedProject {
  std::filesystem::path place;  // the real path of the project's root or of a script
  std::string digest;           // trust_digest() of what it asked for then
};

// What a project asks for: setting or index, and its values.
struct TrustedWord {
  std::string key;
  std::vector<std::string> values;
};
std::string trust_digest(std::span<const TrustedWord> words);

// PKG_TRUST_PROJECT, which only the user sets: everything counts for this command, as after `pkg config trust`.
bool trusts_every_project(const Getenv& environment);
// <user state folder>/pkg, which is index::Settings::state_dir of a session; empty: there is no such place.
std::filesystem::path state_folder(const Getenv& environment);

// None when there is no file. bad_data: one that is not the user's alone, or malformed; nothing is trusted then.
Result<std::vector<TrustedProject>> trusted_projects(const std::filesystem::path& state_dir);
bool is_trusted(const std::filesystem::path& place, const std::string& digest, const std::filesystem::path& state_dir);
// Replaces what was trusted of that place. not_found: there is no state folder · bad_data: as trusted_projects · busy ·
// io.
Status trust_project(const std::filesystem::path& place, const std::string& digest,
                     const std::filesystem::path& state_dir);
// False: it was not trusted. not_found, bad_data, busy, io: as above.
Result<bool> untrust_project(const std::filesystem::path& place, const std::filesystem::path& state_dir);

}  // namespace pkg::ops
