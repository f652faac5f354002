#pragma once
// Contain a build: no network, no services, nothing but its own folders writable. User, mount, network and process
// namespaces where the system has them, else Landlock for files and seccomp for sockets. Reading stays possible nearly
// everywhere. docs/reference/builds.md#sandbox.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/guard.h"
#include "base/result.h"

namespace pkg::builder {

enum class SandboxMeans : unsigned char { namespaces, landlock };

// `writable` exist, or are made. `readable`: what a build needs of the folders that it gets new and empty (/tmp, /run
// …); what does not exist, or lies elsewhere, does no harm.
struct SandboxFolders {
  std::vector<std::filesystem::path> writable, readable;
};

struct Sandbox {
  SandboxMeans means = SandboxMeans::namespaces;
  std::string confinement;  // for process::GuardedCommand
};

// The best that this system has, or this one; tried out in a child process, at each call. unsupported, with the
// reasons, when it has none.
Result<Sandbox> prepare_sandbox(const SandboxFolders& folders);
Result<Sandbox> prepare_sandbox(SandboxMeans means, const SandboxFolders& folders);

// For main(): what a guard confines by (process::run_if_guard).
std::unique_ptr<process::Confiner> make_confiner(const std::string& confinement);

}  // namespace pkg::builder
