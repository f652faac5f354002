#pragma once
// A folder with a project, and what its lock would be made from.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "ops/lock/lock_subject.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace pkg::test {

struct LockPlace {
  TempDir folder;
  SilentReporter reporter;
  CancelToken cancel;
  index::Settings settings;
  ops::LockOptions options;

  LockPlace() { settings.indexes = {{"", "https://index.example/simple/", false}}; }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  ops::LockSubject read() {
    ops::Session session(settings, folder.path(), reporter, cancel);
    const auto subject = ops::read_lock_subject(options, session);
    REQUIRE_OK(subject);
    return *subject;
  }
  std::string digest() { return read().digest; }
};

inline constexpr const char* kLockedProject = R"([project]
name = "work"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["numpy>=2", "rich"]
[project.optional-dependencies]
plot = ["matplotlib"]
[dependency-groups]
dev = ["pytest"]
)";

}  // namespace pkg::test
