#pragma once
// Whether a release has wheels wherever it must not have to be built.

#include <vector>

#include "lock/lock_resolution.h"
#include "pep/dist_file.h"
#include "resolver/marker_space.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "resolver/wheel_coverage.h"

namespace pkg::ops {

std::vector<const pep::DistFile*> wheels_of(const resolver::Pin& pin);

// The environments that a project requires, as far as a lock is for them. Not for several threads.
class RequiredWheels {
 public:
  RequiredWheels(const lock::LockHeader& header, const std::vector<resolver::RequiredEnvironment>& required);
  // In each of them, where the pin is installed, one of its wheels can be.
  bool are_there(const resolver::Pin& pin);

 private:
  resolver::Universe universe_;
  resolver::MarkerSpace space_;
  resolver::WheelCoverage coverage_;
  resolver::MarkerSet everywhere_;  // where the lock is for
};

}  // namespace pkg::ops
