#pragma once
// What tells one build of Python from another: the name of a managed interpreter's folder, and of an entry of a
// catalogue.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace pkg::venv {

// Where a build runs, in the words of such names: "linux", "x86_64" (as `uname -m`), "gnu" or "musl".
struct PythonPlatform {
  std::string os, arch, libc;
  bool operator==(const PythonPlatform&) const = default;
};

struct PythonKey {
  std::string implementation;  // "cpython", "pypy"
  std::string version;         // of the language, as its implementation says it: "3.13.5", "3.14.0rc2"
  bool gil_disabled = false, debug = false;
  PythonPlatform platform;

  std::string variant() const;   // "", "freethreaded", "debug", "freethreaded+debug"
  std::string language() const;  // "3.13"; empty where the version has no two numbers
  // "cpython-3.13.5+freethreaded-linux-x86_64-gnu"
  std::string name() const;
  // "cpython-3.13+freethreaded-linux-x86_64-gnu": the same for all patch releases of a version
  std::string minor_name() const;
  bool operator==(const PythonKey&) const = default;
};

// nullopt: it is no such name. What comes back gives the same name.
std::optional<PythonKey> parse_python_key(std::string_view name);

// "freethreaded", "debug", both with a "+" in any order, "" or "default": whether they are known words.
bool parse_variant(std::string_view text, PythonKey& key);

// By version, older first; a final release after its pre-releases. The rest by name.
bool is_older(const PythonKey& a, const PythonKey& b);

// The machine this runs on. libc: that of the machine's own programs, whatever pkg was linked with.
PythonPlatform host_platform();

}  // namespace pkg::venv
