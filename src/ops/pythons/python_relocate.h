#pragma once
// A relocatable Python that was unpacked learns where it will lie.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venv/interpreter/python_key.h"

namespace pkg::ops {

// `unpacked` will be renamed to `prefix`. What names the prefix that it was built for is rewritten: sysconfig's data,
// Makefile, pkg-config's files, build-details.json, pythonX.Y-config and the scripts in bin/. EXTERNALLY-MANAGED
// (PEP 668) is written, and the links bin/python3 and bin/python where they are missing.
// bad_data: there is no interpreter of this kind in it · io.
Status settle_python(const std::filesystem::path& unpacked, const std::filesystem::path& prefix,
                     const venv::PythonKey& key);

// `text` with each `old_prefix` that stands as a path, whole or in front of a `/`, replaced. What merely begins like it
// ("/installed") stays.
std::string with_prefix(std::string_view text, std::string_view old_prefix, std::string_view new_prefix);

// sysconfig's data with compilers that are not on this machine replaced by `cc`, `c++` and `ar`: those that built this
// Python are seldom here, and building an extension would look for them. `is_here` says of a word whether it can be
// run.
std::string with_own_compilers(std::string_view data, const std::function<bool(const std::string&)>& is_here);

}  // namespace pkg::ops
