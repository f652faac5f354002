#pragma once
// Compatibility tags: what an interpreter accepts, in order of preference (PEP 425, 513, 571, 599, 600, 656, 703, 803; platform tags spec).

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct Tag {
  std::string interpreter, abi, platform;
  std::string to_string() const { return interpreter + "-" + abi + "-" + platform; }
  auto operator<=>(const Tag&) const = default;
};

// What tags are computed from. No I/O: venv/interpreter fills it in.
struct PlatformFacts {
  enum class Os : std::uint8_t { linux_, macos, windows, other } os = Os::linux_;
  std::string machine;              // "x86_64", "aarch64", "arm64" …, of the interpreter's build
  bool is_32bit = false;            // 32-bit interpreter on a 64-bit kernel
  int glibc_major = 0, glibc_minor = 0;   // 0: not glibc
  int musl_major = 0, musl_minor = 0;     // 0: not musl
  bool armhf = false;               // EABI5 hard float
  int macos_major = 0, macos_minor = 0;
  std::string platform_string;      // sysconfig.get_platform() with "-" and "." replaced: fallback for other systems
  bool operator==(const PlatformFacts&) const = default;
};
struct InterpreterFacts {
  std::string implementation;       // sys.implementation.name: "cpython", "pypy"
  std::vector<int> version;         // {3, 12}
  std::vector<std::string> abis;    // as packaging lists them, best first: {"cp312"}, {"cp313t"}, {"pypy39_pp73"}; computed by the probe's facts
  bool gil_disabled = false;
  bool debug = false;
  bool operator==(const InterpreterFacts&) const = default;
};

std::vector<std::string> platform_tags(const PlatformFacts& platform);  // ordered, best first
std::vector<Tag> interpreter_tags(const InterpreterFacts& interpreter, std::span<const std::string> platforms);

// A compressed tag set ("py2.py3-none-any") as file names carry it: all combinations, sorted.
Result<std::vector<Tag>> parse_tag_set(std::string_view text);

// An ordered list of accepted tags with quick look-up. Immutable once built; share it.
class TagSet {
 public:
  TagSet() = default;
  explicit TagSet(std::vector<Tag> ordered);
  std::span<const Tag> ordered() const { return ordered_; }
  // Rank of the best tag of a compressed set given as in a file name (interpreters, abis, platforms, each '.'-separated); 0 is best,
  // nullopt: not accepted. No allocation.
  std::optional<std::uint32_t> rank(std::string_view interpreters, std::string_view abis, std::string_view platforms) const;

 private:
  std::vector<Tag> ordered_;
  std::unordered_map<std::string, std::uint32_t> rank_;
};

}  // namespace pkg::pep
