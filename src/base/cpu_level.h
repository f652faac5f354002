#pragma once
// The level of an x86-64 processor: x86-64-v1 to v4 (System V ABI for AMD64, "Micro-Architecture Levels"), by which
// wheel variants are chosen.

#include <cstdint>

namespace pkg {

// What the CPUID instruction says, as far as levels go; and which registers the system saves (XCR0).
struct CpuidWords {
  std::uint32_t leaf1_ecx = 0, leaf7_ebx = 0, extended1_ecx = 0;
  std::uint64_t xcr0 = 0;
};

// 1 to 4. Every processor of the architecture has level 1.
int x86_64_level_of(const CpuidWords& words);

// Of this machine; 0: it is of another architecture.
int x86_64_level();

}  // namespace pkg
