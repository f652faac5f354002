#pragma once
// --platform, --python-version, --implementation and --abi as pip has them: distributions for another Python than those
// on this machine.

#include <string>
#include <vector>

#include "base/result.h"
#include "pep/target.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct OtherTarget {
  std::vector<std::string> platforms;  // platform tags (any text), or what parse_target_platform takes; best first
  std::vector<std::string> abis;       // "cp312", "abi3", "none"
  std::string implementation;          // "cp", "pp", "py" …
  std::string python_version;          // "3", "312", "3.12", "3.12.1"

  bool is_set() const {
    return !platforms.empty() || !abis.empty() || !implementation.empty() || !python_version.empty();
  }
};

// `interpreter` says what is not said. Markers are evaluated for the first platform that is known, and for the version
// and implementation. bad_data: a version that is none.
Result<pep::Target> target_of(const OtherTarget& other, const venv::Interpreter& interpreter);

}  // namespace pkg::ops
