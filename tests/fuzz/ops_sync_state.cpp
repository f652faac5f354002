// `.pkg/sync`: whatever it says, with the user's MAC or without, it is not taken for the state of an environment whose
// files look otherwise.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/check.h"
#include "base/fs.h"
#include "ops/environment/environment_state.h"
#include "venv/transaction/state_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  static const auto prefix = fs::TempDir::create(std::filesystem::temp_directory_path(), "pkg-fuzz-").value().release();
  static const auto environment = [] {
    venv::Environment made;
    made.layout = venv::environment_layout(prefix, "cpython", 3, 12, false);
    made.python = prefix / "bin/python";
    const bool is_made = fs::make_dirs(made.state_dir()).ok() && fs::make_dirs(made.layout.purelib).ok();
    PKG_CHECK(is_made && fs::publish(prefix / "pyvenv.cfg", "home = /usr/bin\n").ok());
    return made;
  }();
  static const venv::StateKey key({}, {});
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const auto& text : {bytes, venv::sealed("pkg sync state 2", bytes, key)}) {
    PKG_CHECK(fs::publish(environment.state_dir() / "sync", text).ok());
    PKG_CHECK(!ops::unchanged_since(environment, key));
  }
  return 0;
}
