#pragma once
// The folder of managed Pythons under its lock: what is put there, replaced and removed (docs/internals/pythons.md).

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "ops/pythons/python_catalog.h"
#include "ops/session/session.h"
#include "venv/interpreter/managed_pythons.h"

namespace pkg::ops {

// While it lives, no other command changes the folder. What killed commands left is gone when it is open, and the links
// of versions lead where they should.
class PythonStore {
 public:
  // The folder of PKG_PYTHON_DIR, else of the user; made when absent. usage: PKG_PYTHON_DIR is not absolute ·
  // not_found: there is no home · busy: another command installs Pythons for longer than ten minutes · io.
  static Result<PythonStore> open();

  const std::filesystem::path& root() const { return root_; }
  std::vector<venv::ManagedPython> pythons() const { return venv::managed_pythons(root_); }
  // nullopt: it is not there.
  std::optional<venv::ManagedPython> find(const venv::PythonKey& key) const;

  // Fetches, checks, unpacks, starts it once, and puts it in place: killed at any time, the old one or the new one is
  // there, or none. network · hash_mismatch · not_found: offline, or the server has it not · bad_data: what
  // unpack_python() and settle_python() refuse; another Python than the catalogue says · unsupported: it does not start
  // on this machine · io · interrupted.
  Result<venv::ManagedPython> install(const CatalogEntry& entry, Session& session);
  // io.
  Status remove(const venv::ManagedPython& python);

 private:
  PythonStore(std::filesystem::path root, fs::FileLock lock) : root_(std::move(root)), lock_(std::move(lock)) {}
  void remove_leftovers() const;
  Status settle_links(const venv::PythonKey* without = nullptr) const;

  std::filesystem::path root_;
  fs::FileLock lock_;
};

// The managed folder; usage, not_found: as PythonStore::open().
Result<std::filesystem::path> python_folder();

}  // namespace pkg::ops
