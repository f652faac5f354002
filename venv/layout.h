#pragma once
// Where the parts of a distribution go (sysconfig's scheme paths).

#include <filesystem>
#include <string>
#include <string_view>

#include "pep/wheel_manifest.h"

namespace pkg::venv {

struct Layout {
  std::filesystem::path prefix;
  std::filesystem::path purelib, platlib, scripts, data;
  std::filesystem::path headers;  // below it a folder for each distribution
  std::filesystem::path python;   // the interpreter that scripts name in their shebang
  const std::filesystem::path& of(pep::Scheme scheme) const;
};

// The layout of an environment made by venv: <prefix>/lib/pythonX.Y[t]/site-packages …; PyPy: lib/pypyX.Y/….
Layout environment_layout(const std::filesystem::path& prefix, std::string_view implementation, int major, int minor,
                          bool gil_disabled);

}  // namespace pkg::venv
