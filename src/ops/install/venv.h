#pragma once
// `pkg venv`: make an environment, with pip in it when asked for.

#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/create.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct VenvOptions {
  std::string folder;  // empty: the project's environment at the project's root, elsewhere .venv
  std::string python;  // empty: as `.python-version` and the project's requires-python say
  std::string prompt;
  bool system_site_packages = false;
  bool copies = false;
  bool relocatable = false;
  bool seed = false;  // install pip
  venv::IfExists if_exists = venv::IfExists::fail;
};

struct VenvReport {
  std::filesystem::path folder;
  std::filesystem::path base_python;
  std::string implementation, version;
  std::vector<std::string> seeded;  // "pip 26.0"
};

Result<VenvReport> make_venv(const VenvOptions& options, Session& session);

}  // namespace pkg::ops
