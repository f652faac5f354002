#pragma once
// marker_algebra.json, looked at closer than its section result: an answer that is wrong in the dangerous direction is
// told apart.

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/sections.h"

namespace pkg::conformance {

struct MarkerAlgebraVerdict {
  SectionResult facts;               // failed: every answer that is not the vectors'
  std::vector<std::string> unsound;  // of those: ours says yes where the vectors say no
};
MarkerAlgebraVerdict judge_marker_algebra(const std::filesystem::path& folder);

}  // namespace pkg::conformance
