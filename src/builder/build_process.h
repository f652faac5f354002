#pragma once
// The hooks of one build backend (PEP 517, 660), called in one process of a given interpreter (hook_runner.py). The
// process has its own group, which is killed at the deadline, on cancellation and with this object; what it prints goes
// to a log file, up to a cap.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/tasks.h"
#include "builder/backend.h"

namespace pkg::builder {

using Variables = std::vector<std::pair<std::string, std::string>>;
using ConfigSettings =
    std::map<std::string, std::vector<std::string>>;  // one value: a string for the backend; several: a list

struct ProcessOptions {
  std::filesystem::path python;  // of the build environment
  std::filesystem::path tree;    // the process's working folder
  Backend backend;
  Variables environment;           // all of it: see build_variables.h
  std::filesystem::path log_file;  // everything the backend prints, made here
  double timeout_s = 3600;         // for the whole life of the process; 0: none
  std::uint64_t output_limit_bytes = 64u << 20;
  bool sandbox =
      false;  // no network; only `writable` (the tree is not part of it by itself) may be written: see sandbox.h
  std::vector<std::filesystem::path> writable;
  std::vector<std::filesystem::path> readable;  // besides the tree, Python and what variables of tools name
};

enum class Product : unsigned char { wheel, editable };

// Hooks run in forks of one process that imported the backend once, so that none disturbs the next; after
// requirements() has asked for something, the next hook gets a new process, which sees what was installed. TMPDIR is a
// folder that goes with this object. The tree and all other paths are absolute. Not for several threads at once.
// Errors: build (the message says which hook failed and how; context: the telling lines of the log and where the log
// is; hint: a missing compiler, header, library, module) · unsupported (the backend has no such hook; the sandbox
// cannot be had) · interrupted · io.
class BuildProcess {
 public:
  static Result<BuildProcess> start(ProcessOptions options, const CancelToken& cancel);
  BuildProcess(BuildProcess&&) noexcept;
  BuildProcess& operator=(BuildProcess&&) noexcept;
  ~BuildProcess();

  // get_requires_for_build_…: what is needed besides the static requirements; none where the backend has no such hook.
  Result<std::vector<std::string>> requirements(Product product, const ConfigSettings& settings);
  // prepare_metadata_for_build_…: the text of METADATA; nullopt where the backend has no such hook. The dist-info
  // folder stays below `into` (made when absent) for build().
  Result<std::optional<std::string>> prepare_metadata(Product product, const ConfigSettings& settings,
                                                      const std::filesystem::path& into);
  // build_…: the wheel's path below `into`. `metadata`: the `into` of prepare_metadata, or empty.
  Result<std::filesystem::path> build(Product product, const ConfigSettings& settings,
                                      const std::filesystem::path& into, const std::filesystem::path& metadata);
  // What the sandbox does not cover that it should, for a person to know; empty: nothing, or there is none.
  std::string_view sandbox_gap() const;

 private:
  struct State;
  explicit BuildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg::builder
