#include "support/random_marker.h"

#include <cstdlib>

#include "base/text.h"

namespace pkg::test {

namespace {

unsigned number_of(const char* variable, unsigned otherwise) {
  const char* const text = std::getenv(variable);
  return text != nullptr && *text != '\0' ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

constexpr std::string_view kMinors[] = {"3.8", "3.9", "3.10", "3.11", "3.12", "3.13"};
constexpr std::string_view kFulls[] = {"3.9.0",  "3.9.2", "3.10.4", "3.10",  "3.11.0",
                                       "3.11.9", "3.12",  "3.12.1", "3.13.0"};
constexpr std::string_view kOrder[] = {"<", "<=", ">", ">=", "==", "!="};

std::string comparison(std::string_view left, std::string_view op, std::string_view right) {
  return cat(left, " ", op, " '", right, "'");
}

std::string odd_atom(Random& random) {
  switch (random.below(16)) {
    case 0:
      return comparison("python_version", random.pick(kOrder), random.pick(kFulls));
    case 1:
      return cat("'", random.pick(kMinors), "' ", random.pick(kOrder), " python_version");
    case 2:
      return cat("python_version ", random.one_in(2) ? "in" : "not in", " '", random.pick(kMinors), " ",
                 random.pick(kMinors), "'");
    case 3:
      return comparison("python_version", "~=", random.pick(kMinors));
    case 4:
      return comparison("python_full_version", random.one_in(2) ? "==" : "!=", cat(random.pick(kMinors), ".*"));
    case 5:
      return comparison("sys_platform", random.pick(kOrder), random.one_in(2) ? "linux" : "m");
    case 6:
      return cat("'", random.one_in(2) ? "86" : "arm", "' ", random.one_in(2) ? "in" : "not in", " platform_machine");
    case 7:
      return cat("sys_platform ", random.one_in(2) ? "in" : "not in", " 'linux darwin'");
    case 8:
      return comparison("platform_release", random.pick(kOrder), random.one_in(2) ? "6.1" : "10");
    case 9:
      return comparison("implementation_version", random.pick(kOrder), random.pick(kFulls));
    case 10:
      return comparison("platform_version", random.one_in(2) ? "==" : "!=", "#1 SMP");
    case 11:
      return comparison("python_version", random.one_in(2) ? "==" : "!=", "3.*");
    case 12:
      return comparison("python_full_version", "~=", random.pick(kFulls));
    case 13:
      return comparison("python_full_version", random.pick(kOrder), random.one_in(2) ? "3.11.0rc1" : "3.12.0a1");
    case 14:
      return comparison("python_full_version", "===", random.pick(kFulls));
    default:
      return comparison("python_version", random.pick(kOrder), random.one_in(2) ? "linux" : "3");
  }
}

}  // namespace

unsigned property_cases(unsigned usual) { return usual * number_of("PKG_PROPERTY_CASES", 1); }
unsigned property_seed() { return number_of("PKG_PROPERTY_SEED", 1); }

pep::Environment environment_on(std::string_view system, const std::string& machine, const std::string& python) {
  const std::size_t second_dot = python.find('.', python.find('.') + 1);
  pep::Environment environment{.os_name = "posix",
                               .sys_platform = "linux",
                               .platform_machine = machine,
                               .platform_python_implementation = "CPython",
                               .platform_release = "6.1.0",
                               .platform_system = "Linux",
                               .platform_version = "#1 SMP",
                               .python_version = python.substr(0, second_dot),
                               .python_full_version = python,
                               .implementation_name = "cpython",
                               .implementation_version = python};
  if (system == "darwin") {
    environment.sys_platform = "darwin", environment.platform_system = "Darwin";
    environment.platform_release = "23.1.0", environment.platform_version = "Darwin Kernel Version 23.1.0";
    if (machine == "aarch64") environment.platform_machine = "arm64";
  } else if (system == "win32") {
    environment.os_name = "nt", environment.sys_platform = "win32", environment.platform_system = "Windows";
    environment.platform_release = "10", environment.platform_version = "10.0.19045";
    environment.platform_machine = machine == "aarch64" ? "ARM64" : "AMD64";
  } else if (system == "pypy") {
    environment.implementation_name = "pypy", environment.platform_python_implementation = "PyPy";
    environment.implementation_version = "7.3.17";
  }
  return environment;
}

std::vector<pep::Environment> environment_grid(std::span<const std::string_view> pythons) {
  std::vector<pep::Environment> grid;
  for (const std::string_view system : {"linux", "darwin", "win32", "pypy"})
    for (const char* const machine : {"x86_64", "aarch64"})
      for (const std::string_view python : pythons)
        grid.push_back(environment_on(system, machine, std::string(python)));
  return grid;
}

std::string random_atom(Random& random, const MarkerWords& words) {
  if (words.extras && random.one_in(6))
    return comparison("extra", random.one_in(4) ? "!=" : "==", random.one_in(2) ? "x" : "y");
  if (words.lock_sets && random.one_in(6))
    return random.one_in(2) ? cat("'", random.one_in(2) ? "x" : "y", "' in extras")
                            : std::string("'dev' in dependency_groups");
  if (words.odd && random.one_in(3)) return odd_atom(random);
  constexpr std::string_view kSystems[] = {"linux", "darwin", "win32"}, kSystemNames[] = {"Linux", "Darwin", "Windows"};
  constexpr std::string_view kMachines[] = {"x86_64", "aarch64", "arm64", "AMD64"};
  const std::string_view equality = random.one_in(3) ? "!=" : "==";
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return comparison("python_version", random.pick(kOrder), random.pick(kMinors));
    case 4:
    case 5:
      return comparison("sys_platform", equality, random.pick(kSystems));
    case 6:
      return comparison("platform_machine", equality, random.pick(kMachines));
    case 7:
      return comparison("platform_system", equality, random.pick(kSystemNames));
    case 8:
      return random.one_in(2) ? comparison("os_name", equality, random.one_in(2) ? "nt" : "posix")
                              : comparison("implementation_name", equality, random.one_in(2) ? "cpython" : "pypy");
    default:
      return comparison("python_full_version", random.pick(kOrder), random.pick(kFulls));
  }
}

std::string random_marker_text(Random& random, const MarkerWords& words, int depth) {
  if (depth == 0 || random.one_in(3)) return random_atom(random, words);
  const std::string_view word = random.one_in(2) ? " and " : " or ";
  std::string text;
  for (int i = 2 + random.below(2); i > 0; --i)
    append(text, text.empty() ? "(" : cat(word, "("), random_marker_text(random, words, depth - 1), ")");
  return text;
}

}  // namespace pkg::test
