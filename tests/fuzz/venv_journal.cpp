// The journal of an interrupted change: any bytes are a whole journal inside the environment, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "venv/transaction/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pkg::venv::Boundary boundary(pkg::venv::environment_layout("/pkg-fuzz/env", "cpython", 3, 12, false));
  static const pkg::venv::StateKey key({}, {});
  // As it is, and with the MAC made right, so that what lies behind it is reached.
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const auto& text : {bytes, pkg::venv::sealed("pkg journal 2", bytes, key)}) {
    const auto journal = pkg::venv::Journal::decode(text, boundary, key);
    if (!journal.ok()) continue;
    for (const auto* paths : {&journal->moved, &journal->created}) {
      for (const auto& path : *paths) {
        if (pkg::venv::normalize(path) != path || !pkg::venv::is_below(path, boundary.prefix())) std::abort();
        if (!boundary.is_transaction_state(path) && boundary.is_environments_own(path)) std::abort();
      }
    }
    const auto again = pkg::venv::Journal::decode(journal->encode(boundary, key), boundary, key);
    if (!again.ok() || *again != *journal) std::abort();
  }
  return 0;
}
