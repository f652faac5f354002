#include "base/cpu_level.h"

#include "support/printers.h"

namespace pkg {
namespace {

// Words of processors as CPUID gives them, with what an operating system saves beside.
constexpr CpuidWords kNehalem{.leaf1_ecx = 0x0098e3bd, .leaf7_ebx = 0, .extended1_ecx = 0x1, .xcr0 = 0};
constexpr CpuidWords kSandyBridge{.leaf1_ecx = 0x1fbae3ff, .leaf7_ebx = 0, .extended1_ecx = 0x1, .xcr0 = 0x7};
constexpr CpuidWords kHaswell{.leaf1_ecx = 0x7ffafbff, .leaf7_ebx = 0x27ab, .extended1_ecx = 0x21, .xcr0 = 0x7};
constexpr CpuidWords kSkylakeServer{
    .leaf1_ecx = 0x7ffefbff, .leaf7_ebx = 0xd39ffffb, .extended1_ecx = 0x121, .xcr0 = 0x2ff};

CpuidWords with_xcr0(CpuidWords words, std::uint64_t xcr0) {
  words.xcr0 = xcr0;
  return words;
}

}  // namespace

TEST_CASE("the level is the highest of which the processor has every instruction") {
  CHECK(x86_64_level_of({}) == 1);
  CHECK(x86_64_level_of(kNehalem) == 2);
  CHECK(x86_64_level_of(kSandyBridge) == 2);
  CHECK(x86_64_level_of(kHaswell) == 3);
  CHECK(x86_64_level_of(kSkylakeServer) == 4);
}

TEST_CASE("registers that the system does not save cannot be used") {
  CHECK(x86_64_level_of(with_xcr0(kSkylakeServer, 0x7)) == 3);
  CHECK(x86_64_level_of(with_xcr0(kSkylakeServer, 0x1)) == 2);
}

TEST_CASE("this machine has a level where it is one of that architecture") {
#if defined(__x86_64__)
  CHECK(x86_64_level() >= 1);
  CHECK(x86_64_level() <= 4);
#else
  CHECK(x86_64_level() == 0);
#endif
}

}  // namespace pkg
