#pragma once
// Run a child process to its end: argv, environment, folder, captured output, deadline. Its process group is killed at
// the deadline.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pkg::process {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH when it has no slash
  std::optional<std::vector<std::pair<std::string, std::string>>> environment;  // absent: ours, without secrets
  std::filesystem::path directory;                                              // empty: inherit
  std::string input;                                                            // for standard input
  std::vector<int> kept;                       // descriptors it has, too, under the same numbers
  double timeout_s = 0;                        // 0: none
  std::size_t output_limit_bytes = 64u << 20;  // for each stream
  std::function<bool()> is_cancelled;          // asked ten times a second; true: as if the deadline were over
};

struct Output {
  int exit_code = 0;  // 128 + signal when killed
  bool timed_out = false;
  std::string out, err;
};

// not_found: no such program, or folder to run in · io: it cannot be started, or its output be read · internal: no
// argv. How it ends, a deadline too, is an answer and no error.
Result<Output> run(const Command& command);

// The full path of a program, by PATH; nullopt when there is none. Of PATH only absolute folders count, and none of the
// checkout that the working folder is in: what came with a checkout (its `.venv/bin`, too) is not run for pkg. A
// checkout is the outermost folder at or above the working folder that has a pyproject.toml, a .venv or a version
// control system's folder, below the user's home if it is there.
std::string program_path_variable();
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace pkg::process
