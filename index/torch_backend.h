#pragma once
// --torch-backend: which of PyTorch's indexes serve this machine. PyTorch publishes one index for each accelerator
// (".../cpu/", ".../cu130/", ".../rocm7.1/", ".../xpu/"), beside one another below one root. A backend adds those that
// count to the settings and binds PyTorch and its kin to them. docs/guides/pytorch.md

#include <string>
#include <string_view>
#include <vector>

#include "base/accelerators.h"
#include "base/result.h"
#include "index/settings.h"

namespace pkg::index {

// "auto", "cpu", "xpu", "cu" with two to three digits, "rocm" with a version.
bool is_torch_backend(std::string_view word);

// The indexes for a machine with these accelerators, as they are called below the root, the most capable first. An
// NVIDIA driver comes before an AMD GPU, that before an Intel GPU; a machine with none has "cpu" alone. Pure.
//
// A driver serves all CUDA of its major version and older ones: NVIDIA, "Minor Version Compatibility". Where the
// capability of the best device is known, builds without code for it are left out: CUDA 13 ends with 7.5, PyTorch's
// builds for CUDA 12.8 and 12.9 with 7.0.
std::vector<std::string> torch_indexes_for(const Accelerators& accelerators);

// Adds the indexes of a backend below `root` as explicit ones, and sets Settings::torch. "auto" reads `machine`; the
// others read nothing. Nothing happens with --no-index.
// Errors: usage, `root` is empty, or a variable of read_accelerators is wrong. Precondition: is_torch_backend(backend).
Status add_torch_indexes(std::string_view backend, const SecretUrl& root, const MachineFiles& machine,
                         Settings& settings);

}  // namespace pkg::index
