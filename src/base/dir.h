#pragma once
// An open folder of the C library, closed with its owner.

#include <dirent.h>

#include <memory>

namespace pkg::fs {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

}  // namespace pkg::fs
