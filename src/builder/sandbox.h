#pragma once
// Contain a build: no network, nothing but its own folders writable. User, mount and network namespaces where the system has them, else
// Landlock (files) with what it can forbid of the network.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace pkg::builder {

enum class SandboxMeans : unsigned char { namespaces, landlock };

// What this system has, best first. unsupported, with both reasons, when it has neither.
Result<SandboxMeans> sandbox_means();

}  // namespace pkg::builder
