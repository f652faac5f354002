#pragma once
// The sandbox of user, mount, network and IPC namespaces: every mount read-only except the given folders, no network interface that is up,
// sockets of the system's services covered. Linux 5.12 and newer (mount_setattr).

#include <filesystem>
#include <string>
#include <vector>

#include "builder/sandbox.h"

namespace pkg::builder {

class NamespaceSandbox final : public Sandbox {
 public:
  explicit NamespaceSandbox(const std::vector<std::filesystem::path>& writable);  // absolute, without links
  int enter(const char*& step) const noexcept override;

 private:
  int enter_namespaces(const char*& step) const noexcept;
  int mount_folders(const char*& step) const noexcept;
  void cover_sockets() const noexcept;

  std::string uid_map_, gid_map_;
  std::vector<std::filesystem::path> writable_;
  std::vector<std::string> sockets_;  // paths of sockets that services listen at
};

}  // namespace pkg::builder
