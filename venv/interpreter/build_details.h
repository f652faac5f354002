#pragma once
// build-details.json (PEP 739): what a Python says of itself in a file, so that it need not be started.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/interpreter/interpreter_facts.h"

namespace pkg::venv {

// What the file does not say, but the machine does.
struct MachineFacts {
  std::string machine;    // uname -m
  int glibc[2] = {0, 0};  // of the C library that the interpreter runs with
};

// The facts of the interpreter at this real path, when its file is there and everything that is needed follows from it
// and from this machine. nullopt: start it. That is so for builds whose layout is not CPython's own (below /usr, which
// distributors rearrange), that are no CPython 3.14 or newer for a 64-bit Linux with glibc, that belong elsewhere than
// where they lie, and with a module `_manylinux`.
std::optional<ProbedFacts> facts_of_build_details(const std::filesystem::path& real_executable);

// The same of the file's text. bad_data: it does not say enough, or speaks of another interpreter.
Result<ProbedFacts> parse_build_details(std::string_view text, const std::filesystem::path& real_executable,
                                        const MachineFacts& machine);

// The glibc of the machine's programs, as libc.so.6 says it itself: {2, 36}. {0, 0}: there is none.
struct LibcVersion {
  int major = 0, minor = 0;
  bool operator==(const LibcVersion&) const = default;
};
LibcVersion glibc_of_machine();

}  // namespace pkg::venv
