#pragma once
// Target: what a resolution is for. One interpreter on one platform.

#include <memory>
#include <string>

#include "pep/environment.h"
#include "pep/tags.h"
#include "pep/version.h"

namespace pkg::pep {

struct Target {
  Environment environment;
  Version python;                      // python_full_version, as a version
  std::shared_ptr<const TagSet> tags;  // null: files are not filtered by tag
  bool is_other_machine = false;       // its platform was named: what this machine has says nothing of it
};

}  // namespace pkg::pep
