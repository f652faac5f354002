#pragma once
// The sandbox of user, mount, network, IPC and process namespaces: every mount read-only and without devices except the
// given folders; /tmp, /var/tmp, /run, /dev and /proc of its own; no network interface that is up; sockets and FIFOs of
// others closed. Linux 5.12 and newer (mount_setattr).

#include <string>

#include "builder/sandbox.h"

namespace pkg::builder {

class NamespaceConfiner final : public process::Confiner {
 public:
  explicit NamespaceConfiner(SandboxFolders folders)
      : folders_(std::move(folders)) {}  // absolute, those above others first
  int enter_guard(const char*& step) override;
  bool has_first_process() const override { return true; }
  int enter_first_process(const char*& step) override;
  int enter_command(const char*& step, int& listener) override;
  void answer(int listener) override;

 private:
  const SandboxFolders folders_;
};

}  // namespace pkg::builder
