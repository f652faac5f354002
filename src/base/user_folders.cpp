#include "base/user_folders.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace pkg {
namespace {

using Path = std::filesystem::path;

Path folder_or(const Getenv& environment, const char* variable, const char* below_home) {
  if (const char* folder = environment(variable); folder != nullptr && *folder == '/') return folder;
  const Path home = home_folder(environment);
  return home.empty() ? Path() : home / below_home;
}

Path home_of_passwd_entry() {
  struct passwd entry;
  struct passwd* found = nullptr;
  std::array<char, 16384> buffer;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_dir == nullptr || *found->pw_dir != '/' ? Path() : Path(found->pw_dir);
}

}  // namespace

Getenv process_environment() {
  return [](const char* name) -> const char* {
    return std::getenv(name);
  };  // NOLINT(concurrency-mt-unsafe): nobody sets variables
}

Path home_folder(const Getenv& environment) {
  if (const char* home = environment("HOME"); home != nullptr && *home == '/') return home;
  return home_of_passwd_entry();
}

Path user_config_folder(const Getenv& environment) { return folder_or(environment, "XDG_CONFIG_HOME", ".config"); }
Path user_cache_folder(const Getenv& environment) { return folder_or(environment, "XDG_CACHE_HOME", ".cache"); }
Path user_data_folder(const Getenv& environment) { return folder_or(environment, "XDG_DATA_HOME", ".local/share"); }
Path user_state_folder(const Getenv& environment) { return folder_or(environment, "XDG_STATE_HOME", ".local/state"); }

}  // namespace pkg
