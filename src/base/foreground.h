#pragma once
// A child in the place of this program, which only waits: it has our standard streams, our terminal and our process
// group, as a command that a shell runs. (A child whose output is read: base/process.h. One that is contained:
// base/child.h.)

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::process {

struct ForegroundCommand {
  std::filesystem::path program;                                              // absolute, or below the folder
  std::vector<std::string> argv;                                              // not empty
  std::vector<std::pair<std::string, std::optional<std::string>>> variables;  // set, or (nullopt) not there
  std::filesystem::path folder;                                               // empty: ours
  fs::Fd input;                                                               // its standard input; -1: ours
};

// Our variables with those of `changes`, each "NAME=value".
std::vector<std::string> changed_environment(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& changes);

// Its exit code, or 128 and the signal that ended it. While it runs, SIGINT and SIGQUIT of the terminal are its
// business alone, and SIGTERM and SIGHUP that reach us go on to it. It starts with default actions for signals.
// Precondition: this process has no other threads. not_found, unsupported: see exec_error() · io: no process can be
// made, or its folder cannot be entered.
Result<int> run_in_foreground(const ForegroundCommand& command);

// Becomes the program. Returns only when that fails; errors as above.
Error become(const ForegroundCommand& command);

// What a shell would say with 127 (not_found: the file is not there) or 126 (unsupported).
Error exec_error(const std::filesystem::path& program, int error_number);

}  // namespace pkg::process
