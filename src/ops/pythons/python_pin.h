#pragma once
// `pkg python pin`: the `.python-version` of a folder, or the user's own.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct PythonPin {
  std::filesystem::path file;
  std::string request;
  std::string before;  // what stood there; empty: nothing
  bool is_changed = false;
};

// Writes `request` into `.python-version` of the working folder, or of the user's settings. Without a request the file
// that counts here is only read. usage: it names no version · not_found: nothing is pinned; there is no home · io.
Result<PythonPin> pin_python(const std::string& request, bool global, Session& session);

}  // namespace pkg::ops
