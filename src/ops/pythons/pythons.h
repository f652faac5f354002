#pragma once
// `pkg python install`, `upgrade` and `uninstall`, what could be installed, and the Python that a command needs and
// this machine lacks.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/pythons/python_catalog.h"
#include "ops/session/session.h"
#include "venv/interpreter/interpreter.h"
#include "venv/interpreter/managed_pythons.h"

namespace pkg::ops {

struct PythonChange {
  enum class Kind : std::uint8_t { installed, upgraded, present, removed } kind = Kind::present;
  venv::PythonKey key;
  std::string from_version;                  // upgraded: of what was the newest before, which stays
  std::filesystem::path python;              // its program
  std::vector<std::filesystem::path> links;  // in the folder of the user's programs
};

struct PythonInstallOptions {
  std::vector<std::string> requests;  // empty: what `.python-version` says, else the newest
  bool reinstall = false;
  bool links = false;       // python3.13 in the folder of the user's programs
  bool is_default = false;  // and python3 and python
  bool force = false;       // replace what is somebody else's there
};

// The catalogue that the settings name. usage: they name none · not_found · network · bad_data.
Result<PythonCatalog> load_python_catalog(Session& session);
// Whether it is a file of this machine: reading it costs nothing.
bool is_catalog_at_hand(const Session& session);

// One change for each request. usage: a request that is a path or a program's name; downloads are forbidden ·
// not_found: the catalogue has none · what PythonStore::install() gives · conflict: a link is somebody else's.
Result<std::vector<PythonChange>> install_pythons(const PythonInstallOptions& options, Session& session);

// Newer patch releases of what is installed and meant; without requests of all. not_found: a request means none.
Result<std::vector<PythonChange>> upgrade_pythons(const std::vector<std::string>& requests, Session& session);

// Those that the requests mean, or all; the user's links to them, too. not_found: a request means none.
Result<std::vector<PythonChange>> uninstall_pythons(const std::vector<std::string>& requests, bool all);

// As venv::find_interpreter(). Where there is none, and a catalogue is known that has one, it is installed, with one
// line that says so, if the settings let it and `may_install`; else the error names the command that installs it.
Result<venv::Interpreter> find_or_install_python(const std::string& request, const venv::Leave& leave, Session& session,
                                                 bool may_install = true);

}  // namespace pkg::ops
