#pragma once
// Compatibility tags: what an interpreter accepts, in order of preference (PEP 425, 513, 571, 599, 600, 656, 703, 803;
// platform tags spec).

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct Tag {
  std::string interpreter, abi, platform;
  std::string to_string() const { return interpreter + "-" + abi + "-" + platform; }
  auto operator<=>(const Tag&) const = default;
};

// What platform tags are computed from. No I/O: venv/interpreter/interpreter fills it in.
struct PlatformFacts {
  enum class Os : std::uint8_t { linux_, macos, windows, other, ios, android } os = Os::linux_;
  std::string machine;                   // "x86_64", "aarch64", "arm64" …, of the interpreter's build
  bool is_32bit = false;                 // 32-bit interpreter on a 64-bit kernel
  int glibc_major = 0, glibc_minor = 0;  // 0: not glibc
  int musl_major = 0, musl_minor = 0;    // 0: not musl
  bool armhf = false;                    // 32-bit ARM only: EABI5 hard float, without which there is no manylinux
  bool foreign_elf = false;  // i686 only: the interpreter is no 32-bit x86 ELF file, so there is no manylinux
  int macos_major = 0, macos_minor = 0;
  int ios_major = 0, ios_minor = 0;
  std::string ios_multiarch;  // "arm64-iphoneos", "x86_64-iphonesimulator"
  int android_api_level = 0;
  std::string android_abi;      // "arm64_v8a"
  std::string pyemscripten;     // "2025_0": the ABI of Pyodide's platform (PEP 783)
  std::string platform_string;  // sysconfig.get_platform() with "-" and "." replaced: fallback for other systems
  bool operator==(const PlatformFacts&) const = default;
};

struct InterpreterFacts {
  std::string implementation;     // sys.implementation.name: "cpython", "pypy"
  std::vector<int> version;       // {3, 12}
  std::vector<std::string> abis;  // best first: {"cp312"}, {"cp313td", "cp313t"}, {"pypy39_pp73"}: see interpreter_abis
  bool gil_disabled = false;      // free-threaded: abi3t instead of abi3
  bool debug = false;
  bool operator==(const InterpreterFacts&) const = default;
};

// What the ABI names follow from.
struct AbiFacts {
  std::string implementation;  // as in InterpreterFacts
  std::vector<int> version;
  std::string ext_suffix;  // sysconfig EXT_SUFFIX: ".pypy310-pp73-x86_64-linux-gnu.so"; not needed for CPython
  bool gil_disabled = false, debug = false;
  bool pymalloc = true;  // CPython before 3.8
  bool ucs4 = true;      // CPython before 3.3
};
std::vector<std::string> interpreter_abis(const AbiFacts& facts);  // best first; empty when unknown

std::vector<std::string> platform_tags(const PlatformFacts& platform);  // ordered, best first
std::vector<Tag> interpreter_tags(const InterpreterFacts& interpreter, std::span<const std::string> platforms);

// An ordered list of accepted tags with quick look-up. Immutable once built; share it.
class TagSet {
 public:
  TagSet() = default;
  explicit TagSet(std::span<const Tag> ordered);
  // The set of interpreter_tags(interpreter, platforms), without building that list.
  TagSet(const InterpreterFacts& interpreter, std::span<const std::string> platforms);

  std::size_t size() const { return tags_.size(); }
  Tag tag(std::size_t rank) const;   // rank < size()
  std::vector<Tag> ordered() const;  // built for each call
  // Rank of the best tag of a compressed set given as in a file name (interpreters, abis, platforms, each
  // '.'-separated); 0 is best, nullopt: not accepted. ASCII case is ignored. No allocation.
  std::optional<std::uint32_t> rank(std::string_view interpreters, std::string_view abis,
                                    std::string_view platforms) const;

 private:
  // Distinct strings and their dense ids: an open-addressing table of ids. Looks up without regard to case.
  class Names {
   public:
    std::uint32_t intern(std::string_view text);
    std::uint32_t find(std::string_view text) const;  // kNone when absent
    const std::string& text(std::uint32_t id) const { return texts_[id]; }
    static constexpr std::uint32_t kNone = 0xffffffff;

   private:
    void grow();
    std::size_t slot_of(std::string_view text) const;
    std::vector<std::string> texts_;
    std::vector<std::uint32_t> slots_;
  };
  struct Ids {
    std::uint32_t interpreter, abi, platform;
    bool operator==(const Ids&) const = default;
  };
  void add(const Ids& ids) { tags_.push_back(ids); }
  void index_ranks();
  std::uint32_t rank_of(const Ids& ids) const;

  Names interpreters_, abis_, platforms_;
  std::vector<Ids> tags_;             // by rank
  std::vector<std::uint32_t> slots_;  // open addressing: rank + 1 of the tag, 0 is free
};

}  // namespace pkg::pep
