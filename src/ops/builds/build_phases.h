#pragma once
// What builds say of themselves by Reporter::step: several go on at a time, and each is named by the step's item.

#include <string_view>

namespace pkg::ops {

inline constexpr std::string_view kPreparingBuild = "Preparing to build";  // unpacked, its environment made
inline constexpr std::string_view kReadingMetadata = "Reading the metadata of";
inline constexpr std::string_view kBuilding = "Building";
inline constexpr std::string_view kBuildEnded = "Done with";  // well or not; nothing more is heard of that item

// Whether a step is one of a build, which goes on until kBuildEnded.
inline bool is_build_phase(std::string_view phase) {
  return phase == kPreparingBuild || phase == kReadingMetadata || phase == kBuilding;
}

}  // namespace pkg::ops
