#include "pep/tag_order.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::pep {
namespace {

// Beyond any Python that will be: a version that a person mistyped must not cost time.
constexpr int kMaxMinor = 999;

int minor_of(std::span<const int> version) { return version.size() > 1 ? std::min(version[1], kMaxMinor) : -1; }

std::string_view short_implementation(std::string_view implementation) {
  if (implementation == "cpython") return "cp";
  if (implementation == "pypy") return "pp";
  if (implementation == "ironpython") return "ip";
  if (implementation == "jython") return "jy";
  if (implementation == "python") return "py";
  return implementation;
}

class TagWriter {
 public:
  TagWriter(const InterpreterFacts& facts, std::span<const std::string> platforms, const TagVisitor& visit)
      : facts_(facts), platforms_(platforms), visit_(visit) {}

  void write() {
    interpreter_ = cat(short_implementation(facts_.implementation), version_digits(facts_.version));
    if (facts_.implementation == "cpython") {
      write_cpython();
    } else {
      write_generic();
    }
    write_compatible();
  }

 private:
  void on_platforms(std::string_view interpreter, std::string_view abi) {
    for (const std::string& platform : platforms_) visit_(interpreter, abi, platform);
  }

  void write_cpython() {
    for (const std::string& abi : facts_.abis) {
      if (abi != "abi3" && abi != "none") on_platforms(interpreter_, abi);
    }
    const bool has_stable_abi = is_at_least(facts_.version, 3, 2);
    const std::string_view stable = facts_.gil_disabled ? "abi3t" : "abi3";
    if (has_stable_abi) on_platforms(interpreter_, stable);
    on_platforms(interpreter_, "none");
    if (!has_stable_abi) return;
    for (int minor = minor_of(facts_.version) - 1; minor >= 2; --minor)
      on_platforms(cat("cp", facts_.version[0], minor), stable);
  }

  void write_generic() {
    for (const std::string& abi : facts_.abis) on_platforms(interpreter_, abi);
    if (std::find(facts_.abis.begin(), facts_.abis.end(), "none") == facts_.abis.end())
      on_platforms(interpreter_, "none");
  }

  void write_compatible() {
    const auto pythons = python_names();
    for (const std::string& python : pythons) on_platforms(python, "none");
    if (facts_.implementation == "cpython") visit_(interpreter_, "none", "any");
    if (facts_.implementation == "pypy") visit_("pp3", "none", "any");
    for (const std::string& python : pythons) visit_(python, "none", "any");
  }

  // py312, py3, py311 … py30
  std::vector<std::string> python_names() const {
    std::vector<std::string> names;
    if (facts_.version.empty()) return names;
    if (facts_.version.size() > 1) names.push_back(cat("py", version_digits(facts_.version)));
    names.push_back(cat("py", facts_.version[0]));
    for (int minor = minor_of(facts_.version) - 1; minor >= 0; --minor)
      names.push_back(cat("py", facts_.version[0], minor));
    return names;
  }

  const InterpreterFacts& facts_;
  std::span<const std::string> platforms_;
  const TagVisitor& visit_;
  std::string interpreter_;
};

}  // namespace

void visit_tags(const InterpreterFacts& facts, std::span<const std::string> platforms, const TagVisitor& visit) {
  TagWriter(facts, platforms, visit).write();
}

bool is_at_least(std::span<const int> version, int major, int minor) {
  if (version.empty()) return false;
  return version[0] != major ? version[0] > major : minor_of(version) >= minor;
}

std::string version_digits(std::span<const int> version) {
  std::string digits;
  for (std::size_t i = 0; i < 2 && i < version.size(); ++i) append(digits, version[i]);
  return digits;
}

}  // namespace pkg::pep
