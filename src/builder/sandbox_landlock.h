#pragma once
// Landlock, which forbids files, and a filter of sockets: the whole sandbox where namespaces are closed to users, and
// within namespaces what their mounts cannot say (a FIFO on a read-only mount can be written to). Linux 5.13 and newer.

#include "builder/sandbox.h"

namespace pkg::builder {

// unsupported: not in this kernel.
Status check_landlock();

class LandlockConfiner final : public process::Confiner {
 public:
  explicit LandlockConfiner(SandboxFolders folders) : folders_(std::move(folders)) {}
  int enter_guard(const char*& step) override;
  bool has_first_process() const override { return false; }
  int enter_first_process(const char*&) override { return 0; }
  int enter_command(const char*& step, int& listener) override;
  void answer(int listener) override;

 private:
  const SandboxFolders folders_;
};

// Within namespaces: writing below `writable` alone. Does nothing where there is no Landlock.
int forbid_writing(const std::vector<std::filesystem::path>& writable, const char*& step);

// Whether the file of a descriptor lies in one of them.
bool is_file_in(int fd, const std::vector<std::filesystem::path>& folders);

}  // namespace pkg::builder
