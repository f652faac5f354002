#pragma once
// What a probed interpreter says of itself (probe.py), and its binary record in `<cache>/interpreters-v1/`.
//
// A record is named after the interpreter's real path and holds for one state of that file (device, inode, size,
// mtime) and of the C library pkg itself runs with: a system upgrade that changes glibc changes the tags. What may
// change without either (kernel release, HOME, the EXTERNALLY-MANAGED file) is not taken from the record but asked
// again, see interpreter_from.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "pep/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::venv {

struct SchemePaths {
  std::string purelib, platlib, scripts, data, include;
  bool operator==(const SchemePaths&) const = default;
};

struct ProbedFacts {
  std::string base_executable;  // real path
  std::string prefix, base_prefix, stdlib, platlibdir, ext_suffix, platform_string;
  SchemePaths paths;
  SchemePaths user_paths;                 // "~" stands for the user's base folder
  std::vector<std::string> site_folders;  // of the default scheme and of site.getsitepackages(), those that exist
  int version[3] = {0, 0, 0};
  int glibc[2] = {0, 0}, musl[2] = {0, 0};
  bool gil_disabled = false, debug = false, pymalloc = true, is_32bit = false, armhf = false;
  pep::Environment environment;
  bool operator==(const ProbedFacts&) const = default;
};

// Runs probe.py in `executable`. unsupported: Python 2 · bad_data: what ran is no Python · io.
Result<ProbedFacts> run_probe(const std::filesystem::path& executable);
Result<ProbedFacts> parse_probe_output(std::string_view output);

Status check_supported(const ProbedFacts& facts,
                       const std::filesystem::path& executable);  // unsupported: older than 3.7

std::string encode_record(const ProbedFacts& facts, const fs::FileKey& key, std::string_view real_path);
// nullopt: damaged, or of another file, file state, C library or format.
std::optional<ProbedFacts> decode_record(std::string_view bytes, const fs::FileKey& key, std::string_view real_path);

// The facts of an interpreter that is in no virtual environment: from its record, else by probing, then recorded.
// Supported versions only. not_found: no such file; else the errors of run_probe and check_supported.
Result<ProbedFacts> facts_of(const std::filesystem::path& executable, const std::filesystem::path& cache_dir);

// The record alone; nullopt: there is none for the file as it is now.
std::optional<ProbedFacts> recorded_facts(const std::filesystem::path& executable,
                                          const std::filesystem::path& cache_dir);
// Records what is known of a copy of an interpreter. Failing costs time, not the answer.
void record_facts(const ProbedFacts& facts, const std::filesystem::path& executable,
                  const std::filesystem::path& cache_dir);

Interpreter interpreter_from(const ProbedFacts& facts, const std::filesystem::path& executable);

}  // namespace pkg::venv
