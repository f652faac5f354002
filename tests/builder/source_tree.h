#pragma once
// A source tree in a temporary folder, with a backend of its own ("backend.py" by backend-path), and a process that
// builds it.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/process.h"
#include "builder/build_process.h"
#include "builder/build_variables.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::test {

inline std::filesystem::path python() {
  static const std::filesystem::path found = [] {
    const auto output = process::run({.argv = {"python3", "-c", "import sys; print(sys.executable, end='')"}});
    REQUIRE_OK(output);
    return std::filesystem::path(output->out);
  }();
  return found;
}

class SourceTree {
 public:
  SourceTree() { std::filesystem::create_directories(root()); }
  // With a backend: the Python text of backend.py.
  explicit SourceTree(std::string_view backend) : SourceTree() {
    write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n");
    write("backend.py", backend);
  }
  std::filesystem::path root() const { return dir_ / "tree"; }
  std::filesystem::path work(const std::string& name) const { return dir_ / name; }
  std::filesystem::path log_file() const { return dir_ / "build.log"; }
  void write(const std::string& name, std::string_view text) const {
    const auto path = root() / name;
    std::filesystem::create_directories(path.parent_path());
    REQUIRE_OK(fs::publish(path, text));
  }
  builder::ProcessOptions options() const {
    auto backend = builder::backend_of(root());
    REQUIRE_OK(backend);
    builder::ProcessOptions options;
    options.python = python();
    options.tree = root();
    options.backend = *backend;
    options.environment = builder::build_variables({}, 1, {}, {});
    options.log_file = log_file();
    options.timeout_s = 30;
    return options;
  }
  std::string log() const { return fs::read_file(log_file()).value(); }
  std::string text(const std::string& name) const { return fs::read_file(root() / name).value(); }

 private:
  TempDir dir_;
};

}  // namespace pkg::test
