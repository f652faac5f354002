#pragma once
// The marker variables of one interpreter (PEP 508, "Environment Markers").

#include <string>

namespace pkg::pep {

struct Environment {
  std::string os_name, sys_platform, platform_machine, platform_python_implementation, platform_release,
      platform_system, platform_version;
  std::string python_version, python_full_version, implementation_name, implementation_version;
  bool operator==(const Environment&) const = default;
};

}  // namespace pkg::pep
