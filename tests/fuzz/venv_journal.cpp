// The journal of an interrupted change: any bytes are a whole journal inside the environment, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/hash.h"
#include "venv/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pkg::venv::Boundary boundary(pkg::venv::environment_layout("/pkg-fuzz/env", "cpython", 3, 12, false));
  // As it is, and with the checksum made right, so that what lies behind it is reached.
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string sealed = "pkg journal 1\n" + bytes;
  for (const auto& text : {bytes, sealed + pkg::hash::sha256(sealed)}) {
    const auto journal = pkg::venv::Journal::decode(text, boundary);
    if (!journal.ok()) continue;
    for (const auto* paths : {&journal->moved, &journal->created})
      for (const auto& path : *paths)
        if (!boundary.contains(path) || boundary.is_environments_own(path) || pkg::venv::normalize(path) != path) std::abort();
    const auto again = pkg::venv::Journal::decode(journal->encode(boundary), boundary);
    if (!again.ok() || *again != *journal) std::abort();
  }
  return 0;
}
