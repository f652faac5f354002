#pragma once
// Make an environment (PEP 405) without running Python: links, pyvenv.cfg, activation scripts.

#include <filesystem>
#include <optional>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"
#include "venv/state_key.h"

namespace pkg::venv {

enum class IfExists : std::uint8_t { fail, clear, keep };  // clear refuses folders that are no environments

struct CreateOptions {
  std::filesystem::path folder;
  std::string prompt;  // empty: the folder's name
  bool system_site_packages = false;
  bool copies = false;       // copy the interpreter instead of linking
  bool relocatable = false;  // nothing in it says where it is
  IfExists if_exists = IfExists::fail;
  // clear: only the environment whose pyvenv.cfg this is (fs::file_key of it). Another one, that somebody put there
  // meanwhile, is not cleared: conflict, and create_or_use() takes it.
  std::optional<fs::FileKey> seen;
  // clear: for the journal, where a folder cannot be exchanged for another in one step (a lower layer of overlayfs, a
  // mount point). Without one a killed command leaves half an environment there.
  const StateKey* key = nullptr;
  double lock_wait_s = 60;  // clear: for a command that changes the environment just now
};

// What create() gives in the end for this very folder, without making it.
Environment environment_at(const std::filesystem::path& folder, const Interpreter& base, const CreateOptions& options);

// Complete or not there: built under a temporary name beside `folder` and renamed (in place when `folder` exists and is
// kept). What somebody else put there meanwhile is never replaced. With clear the new environment is exchanged for the
// old one in one step, when nobody changes that any more; where the file system cannot, as a transaction
// (docs/internals/transaction.md#clearing). usage: a path with a `:`, which PATH cannot hold · conflict: what is there
// is no environment, or one, and if_exists is fail · busy: clear, and another command changes it · io.
Result<Environment> create(const Interpreter& base, const CreateOptions& options);

// For those who want an environment to be there, whoever makes it.
struct Wanted {
  Environment environment;
  bool made = false;  // by this call; else it was there, or another process was first: look what Python it has
};
// As create(); but an environment that is there, or that another process makes meanwhile, is taken as it is: with
// fail any, with clear any but `seen`.
Result<Wanted> create_or_use(const Interpreter& base, const CreateOptions& options);

}  // namespace pkg::venv
