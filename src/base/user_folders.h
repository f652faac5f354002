#pragma once
// Where a user's own files lie (XDG Base Directory Specification). Nothing is made or looked at; a variable that is
// empty or relative counts as absent, as the specification wants it.

#include <filesystem>
#include <functional>

namespace pkg {

// getenv, or a fake of tests. Returns nullptr for what is not set.
using Getenv = std::function<const char*(const char*)>;
Getenv process_environment();

// HOME, or the home of the user's passwd entry. Empty: there is none.
std::filesystem::path home_folder(const Getenv& environment);

// $XDG_CONFIG_HOME, $XDG_CACHE_HOME, $XDG_DATA_HOME, $XDG_STATE_HOME, or ~/.config, ~/.cache, ~/.local/share,
// ~/.local/state. Empty: there is no home either.
std::filesystem::path user_config_folder(const Getenv& environment);
std::filesystem::path user_cache_folder(const Getenv& environment);
std::filesystem::path user_data_folder(const Getenv& environment);
std::filesystem::path user_state_folder(const Getenv& environment);

}  // namespace pkg
