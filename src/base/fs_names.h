#pragma once
// Names for temporary files: unique among processes, threads and boots.

#include <string>

namespace pkg::fs {

std::string unique_suffix();  // "PID-COUNTER-RANDOM"

}  // namespace pkg::fs
