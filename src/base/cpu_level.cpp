#include "base/cpu_level.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pkg {
namespace {

constexpr std::uint32_t bit(int number) { return std::uint32_t{1} << number; }

// SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
constexpr std::uint32_t kLevel2 = bit(0) | bit(9) | bit(13) | bit(19) | bit(20) | bit(23);
constexpr std::uint32_t kLevel2Extended = bit(0);
// FMA, MOVBE, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
constexpr std::uint32_t kLevel3 = bit(12) | bit(22) | bit(27) | bit(28) | bit(29);
constexpr std::uint32_t kLevel3Leaf7 = bit(3) | bit(5) | bit(8);
constexpr std::uint32_t kLevel3Extended = bit(5);
// AVX512 F, DQ, CD, BW, VL.
constexpr std::uint32_t kLevel4Leaf7 = bit(16) | bit(17) | bit(28) | bit(30) | bit(31);
// Registers: xmm and ymm; those of AVX-512 besides.
constexpr std::uint64_t kSavesAvx = 0x6, kSavesAvx512 = 0xe6;

template <class Word>
constexpr bool has_all(Word word, Word bits) {
  return (word & bits) == bits;
}

}  // namespace

int x86_64_level_of(const CpuidWords& words) {
  if (!has_all(words.leaf1_ecx, kLevel2) || !has_all(words.extended1_ecx, kLevel2Extended)) return 1;
  if (!has_all(words.leaf1_ecx, kLevel3) || !has_all(words.leaf7_ebx, kLevel3Leaf7) ||
      !has_all(words.extended1_ecx, kLevel3Extended) || !has_all(words.xcr0, kSavesAvx))
    return 2;
  return has_all(words.leaf7_ebx, kLevel4Leaf7) && has_all(words.xcr0, kSavesAvx512) ? 4 : 3;
}

int x86_64_level() {
#if defined(__x86_64__)
  CpuidWords words;
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0) words.leaf1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0) words.leaf7_ebx = ebx;
  if (__get_cpuid(0x80000001U, &eax, &ebx, &ecx, &edx) != 0) words.extended1_ecx = ecx;
  if (has_all(words.leaf1_ecx, bit(27))) {  // without OSXSAVE there is no such instruction
    std::uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    words.xcr0 = std::uint64_t{high} << 32 | low;
  }
  return x86_64_level_of(words);
#else
  return 0;
#endif
}

}  // namespace pkg
