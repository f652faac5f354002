#pragma once
// From one open file to another, in the kernel where it can.

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

// From where `in` stands to its end. io; `name` is what errors name.
Status copy_bytes(int in, int out, const Path& name);

}  // namespace pkg::fs
