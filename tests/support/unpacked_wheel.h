#pragma once
// Unpacked wheels as the cache's store would hold them, and an empty environment to install them in: for tests of venv,
// which does not know the index.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pep/wheel_manifest.h"
#include "venv/environment.h"
#include "venv/transaction/transaction.h"

namespace pkg::test {

struct WheelFile {
  std::string path;  // below the scheme's folder
  std::string content;
  pep::Scheme scheme = pep::Scheme::purelib;
  bool executable = false;
};

struct WheelSpec {
  std::string name, version;
  std::vector<WheelFile> files;  // METADATA and WHEEL are added
  std::vector<pep::Script> scripts;
};

// Writes the files below `store`/NAME-VERSION and describes them.
std::shared_ptr<const pep::UnpackedWheel> unpack(const std::filesystem::path& store, const WheelSpec& spec);
venv::WheelToInstall to_install(const std::filesystem::path& store, const WheelSpec& spec, bool requested = false);

// A folder that looks like a CPython 3.12 environment; its bin/python is the machine's python3.
venv::Environment make_environment(const std::filesystem::path& prefix);

// Every path below `folder` but those of `.pkg`, sorted: "f 644 PATH CONTENT-SHA256", "d 755 PATH", "l PATH -> TARGET".
std::vector<std::string> tree(const std::filesystem::path& folder);
std::vector<std::string> file_names(const std::filesystem::path& folder);  // of the files alone, relative

}  // namespace pkg::test
