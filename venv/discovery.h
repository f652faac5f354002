#pragma once
// Looking for an environment that nobody named: the active one, then `.venv` here or above.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pkg::venv {

// What VIRTUAL_ENV or CONDA_PREFIX says.
struct ActiveEnvironment {
  std::string variable;
  std::filesystem::path folder;
  bool is_conda_base = false;  // conda's own environment: active in every shell of many users, and nobody's project
};

struct Discovery {
  std::optional<std::filesystem::path> folder;
  std::optional<ActiveEnvironment> active;  // where `folder` is that
  std::vector<std::string> looked_at;       // for messages
  std::vector<std::string> gone;            // "`VIRTUAL_ENV` names `/x`, which is no environment": passed over
};

// The active environments that are there, VIRTUAL_ENV first. `gone`, when given, collects the others.
std::vector<ActiveEnvironment> active_environments(std::vector<std::string>* gone = nullptr);

// An active environment other than conda's base, then .venv in `start` or a folder above it (a file there is followed:
// venv/redirect.h), then conda's base.
Discovery discover_environment(const std::filesystem::path& start);

}  // namespace pkg::venv
