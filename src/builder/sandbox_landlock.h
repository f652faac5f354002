#pragma once
// The sandbox of Landlock and seccomp, for systems whose namespaces are closed to users: writing only below the given folders, no TCP, and
// no sockets but those of AF_UNIX. Linux 5.13 and newer, x86-64 and 64-bit ARM.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "builder/sandbox.h"

namespace pkg::builder {

class LandlockSandbox final : public Sandbox {
 public:
  // `writable`: absolute. unsupported: no Landlock in the kernel.
  static Result<std::unique_ptr<Sandbox>> create(const std::vector<std::filesystem::path>& writable);
  int enter(const char*& step) const noexcept override;

 private:
  LandlockSandbox(std::vector<std::filesystem::path> writable, int abi) : writable_(std::move(writable)), abi_(abi) {}
  int allow_folders(int rules, const char*& step) const noexcept;

  std::vector<std::filesystem::path> writable_;
  int abi_ = 0;
};

}  // namespace pkg::builder
