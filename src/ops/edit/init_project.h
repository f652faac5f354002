#pragma once
// `pkg init`: a new project: pyproject.toml and the first files beside it.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct InitOptions {
  std::string folder;         // empty: the working folder; made when it is not there
  std::string name;           // empty: the folder's
  std::string python;         // a version, or an interpreter as --python takes it; empty: the default one
  std::string build_backend;  // "hatchling", "setuptools", "flit-core", "pdm-backend"; empty: hatchling for a library,
                              // none for an application, which is a script then
  bool library = false;       // src/NAME/__init__.py instead of main.py
  bool bare = false;          // pyproject.toml only
};

struct InitReport {
  std::filesystem::path folder;
  std::string name, requires_python;
  std::vector<std::string> written;  // relative to the folder
  std::vector<std::string> kept;     // were there already
};

// usage (a name that is none, an unknown backend) · conflict (there is a pyproject.toml with
// [project]; one without gets it, and nothing else is written) · not_found (no interpreter).
Result<InitReport> init_project(const InitOptions& options, Session& session);
std::vector<std::string> build_backends();

}  // namespace pkg::ops
