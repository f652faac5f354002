#pragma once
// What --python may say when it is no path: "3", "3.12", "3.12.1", "3.14.0rc2", "3.13t", "3.13d", "3.13+freethreaded",
// ">=3.11,<3.13", "cpython3.12", "cpython@3.12", "cp312", "pypy", "pypy3.10", "python3.12",
// "cpython-3.12-linux-x86_64-gnu".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pep/specifier.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/interpreter/python_key.h"

namespace pkg::venv {

struct InterpreterRequest {
  std::string text;            // as given
  std::string implementation;  // "cpython", "pypy" …; empty: any
  std::vector<int> version;    // a prefix: {3, 12}; empty: any
  std::optional<pep::SpecifierSet> specifiers;
  std::optional<bool> gil_disabled;  // "t" at the end: true; otherwise only builds with a GIL are taken for a version
  std::optional<bool> debug;         // "d" at the end, "+debug": true; otherwise any is taken of what is there
  PythonPlatform platform;           // empty parts: any

  bool is_any() const { return implementation.empty() && version.empty() && !specifiers; }
  // Can an interpreter whose name or folder says this much be the one? Parts that are unknown do not exclude.
  bool may_be(std::string_view its_implementation, const std::vector<int>& its_version) const;
  bool accepts(const ProbedFacts& facts) const;
  // The same of a build that was not started, managed or of a catalogue: debug builds only where they are asked for.
  // `any_prerelease`: also those that nobody asked for.
  bool accepts(const PythonKey& key, bool any_prerelease) const;
  bool names_patch() const { return version.size() > 2; }
};

// nullopt: it is a path or a program's name.
std::optional<InterpreterRequest> parse_request(std::string_view text);

// "3.12.1" → {3, 12, 1}; leading numbers only: "3.13.0rc1" → {3, 13, 0}. Empty when there is none.
std::vector<int> leading_version(std::string_view text);

}  // namespace pkg::venv
