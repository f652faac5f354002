#pragma once
// Test programs start guards (base/guard.h) as pkg does: by executing themselves anew. What these confine by is set
// before main().

#include "base/guard.h"

namespace pkg::test {

inline process::MakeConfiner& confiner_maker() {
  static process::MakeConfiner make = nullptr;
  return make;
}

}  // namespace pkg::test
