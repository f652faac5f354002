#pragma once
// Contain a build: no network, nothing but its own folders writable. User, mount and network namespaces where the system has them, else
// Landlock for files and TCP with a seccomp filter for all other sockets. Reading stays possible everywhere. docs/builds.md#sandbox.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/child.h"
#include "base/result.h"

namespace pkg::builder {

enum class SandboxMeans : unsigned char { namespaces, landlock };

// What this system has, best first. unsupported, with both reasons, when it has neither. Tried out in a child process, at each call.
Result<SandboxMeans> sandbox_means();

// What a child enters before exec: see base/child.h.
class Sandbox : public process::Confinement {
 public:
  // Folders in `writable` exist. unsupported: as sandbox_means.
  static Result<std::unique_ptr<Sandbox>> prepare(const std::vector<std::filesystem::path>& writable);
  static Result<std::unique_ptr<Sandbox>> prepare(SandboxMeans means, const std::vector<std::filesystem::path>& writable);
};

}  // namespace pkg::builder
