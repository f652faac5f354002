#pragma once
// Find Pythons on this machine; learn one's markers, tags and paths once and remember them.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "pep/target.h"
#include "venv/layout.h"

namespace pkg::venv {

// What is known of one interpreter. Learnt from a record in `<cache>/interpreters-v1/` keyed by (device, inode, size,
// mtime) of the executable, else from its build-details.json (venv/interpreter/build_details.h), else by running
// probe.py in it (isolated, a few ms).
struct Interpreter {
  std::filesystem::path executable;       // as found, absolute
  std::filesystem::path real_executable;  // sys._base_executable resolved: what a venv links to
  std::filesystem::path prefix, base_prefix;
  pep::Target target;
  pep::InterpreterFacts facts;
  pep::PlatformFacts platform;
  Layout layout;       // of this interpreter itself (system or environment)
  Layout user_layout;  // --user
  std::vector<std::filesystem::path>
      site_folders;    // where it finds distributions: of the scheme and of site.getsitepackages(), those that exist
  std::string stdlib;  // sysconfig "stdlib"
  std::string soabi, platlibdir;  // "cpython-312-x86_64-linux-gnu", "lib"
  bool is_virtual() const { return prefix != base_prefix; }
  std::optional<std::filesystem::path> externally_managed;  // the EXTERNALLY-MANAGED file (PEP 668), when there is one
};

// Whether an environment's interpreter may be started that may be somebody else's program
// (venv/interpreter/foreign_interpreter.h) and that no record knows; `why` is a sentence without its period. No: it is
// not started, and the answer is an error (conflict). Not given: always.
struct Leave {
  std::function<bool(const std::string& why)> ask;
  bool for_copies = false;  // also ask about an environment's own copy of an interpreter: finding out about it starts
                            // the original only
};

// `cache_dir`: where interpreter records live; empty: none. not_found: no such file · bad_data: it is no Python ·
// unsupported: older than 3.7 · conflict: `leave` says no · io.
Result<Interpreter> probe(const std::filesystem::path& executable, const std::filesystem::path& cache_dir,
                          const Leave& leave = {});

// A request as --python takes it: a path (executable or environment folder), a name ("python3.12"), a version ("3.12",
// "3.13t", ">=3.11,<3.13", "pypy3.10", "cpython3.12"; venv/interpreter/interpreter_request.h). Empty: the default.
// not_found lists what was looked at.
Result<Interpreter> find_interpreter(const std::string& request, const std::filesystem::path& cache_dir,
                                     const Leave& leave = {});

// Every interpreter: PATH, pyenv's versions, python3.X names, managed ones; without duplicates (by real path), newest
// first.
// What cannot be probed is left out: no errors of its own.
Result<std::vector<Interpreter>> list_interpreters(const std::filesystem::path& cache_dir);

}  // namespace pkg::venv
