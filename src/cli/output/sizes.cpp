#include "cli/output/sizes.h"

#include "base/text.h"

namespace pkg::cli {

std::string megabytes(std::uint64_t bytes) {
  const auto tenths = bytes / 100'000;
  return cat(tenths / 10, ".", tenths % 10);
}

}  // namespace pkg::cli
