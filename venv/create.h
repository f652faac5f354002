#pragma once
// Make an environment (PEP 405) without running Python: links, pyvenv.cfg, activation scripts.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::venv {

enum class IfExists : std::uint8_t { fail, clear, keep };  // clear refuses folders that are no environments

struct CreateOptions {
  std::filesystem::path folder;
  std::string prompt;  // empty: the folder's name
  bool system_site_packages = false;
  bool copies = false;  // copy the interpreter instead of linking
  IfExists if_exists = IfExists::fail;
};

// Complete or not there: built under a temporary name beside `folder` and renamed (in place when `folder` exists and is
// kept). usage: a path with a `:`, which PATH cannot hold · conflict: what is there is no environment, or one, and
// if_exists is fail · io.
Result<Environment> create(const Interpreter& base, const CreateOptions& options);

}  // namespace pkg::venv
