#pragma once
// What computes on this machine besides its processor: what PyTorch's indexes and wheel variants are chosen by.
//
// Drivers say what they are in files of the kernel; only where those do not (Windows' Linux, some containers) is
// nvidia-smi started, as base/foreign_tool.h starts programs. A machine without such devices answers from two reads
// that fail. Texts of drivers and of nvidia-smi count when they have the expected form, and are ignored otherwise.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/user_folders.h"

namespace pkg {

struct Accelerators {
  std::optional<std::string> nvidia_driver;    // its version, digits and dots: "580.65.06"
  std::vector<std::string> cuda_capabilities;  // of the NVIDIA devices, each once, lowest first: "8.9"; empty: unknown
  std::optional<std::string> amd_gpu;          // its architecture: "gfx1100"
  bool has_intel_gpu = false;                  // one that Intel's XPU builds run on
};

// Where they are read from; tests fake all of it. `program` runs a program with arguments and gives its standard
// output; nullopt: there is no such program, or it failed.
struct MachineFiles {
  std::filesystem::path root = "/";  // holds proc/ and sys/
  Getenv environment;                // PKG_CUDA_DRIVER_VERSION, PKG_AMD_GPU_ARCHITECTURE replace what would be found
  std::function<std::optional<std::string>(const std::vector<std::string>& argv)> program;
};
MachineFiles this_machine();

// Errors: usage, a variable that holds no version (architecture).
Result<Accelerators> read_accelerators(const MachineFiles& files);

// The newest CUDA that this driver of NVIDIA serves in full: "12.8" for "570.86.10". Empty: a driver older than CUDA
// 11. Of drivers newer than the table: its last line. Source: NVIDIA's CUDA release notes, table "CUDA Toolkit and
// corresponding driver versions".
std::string_view cuda_of_driver(std::string_view driver);

}  // namespace pkg
