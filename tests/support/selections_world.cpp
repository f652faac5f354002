#include "support/selections_world.h"

#include <vector>

#include "base/text.h"

namespace pkg::test {

namespace {

// p0 … with releases 1 and 2, each of which needs the next project unless that is a multiple of five.
std::string projects(int count) {
  std::string text;
  for (int p = 0; p < count; ++p)
    for (int version = 1; version <= 2; ++version)
      append(text, "p", p, " ", version, ":", p % 5 == 4 || p + 1 == count ? std::string() : cat(" p", p + 1), "\n");
  return text;
}

std::string alone(std::string_view name, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) append(text, name, i, " 1:\n", name, i, " 2:\n");
  return text;
}

// Which of twenty projects an extra asks for, the n-th of four.
int wanted(int extra, int n) { return (extra * 7 + n * (n + extra % 5 + 1)) % 20; }

}  // namespace

SelectionsWorld selections_world(Selections kind, int size) {
  std::vector<std::string> requirements, conflicts;
  for (int i = 0; i < size; ++i) {
    switch (kind) {
      case Selections::extras:
        for (int n = 0; n < 4; ++n) requirements.push_back(cat("p", wanted(i, n), " ; 'e", i, "' in extras"));
        break;
      case Selections::groups:
        for (int n = 0; n < 4; ++n)
          requirements.push_back(cat("p", wanted(i, n), " ; 'g", i, "' in dependency_groups"));
        break;
      case Selections::markers:
        requirements.push_back(cat("p9 ; platform_machine == 'm", i, "' and python_version < '3.", 10 + i % 5, "'"));
        break;
      case Selections::machines:
        requirements.push_back(cat("p9 ; 'e", i, "' in extras and platform_machine == 'm", i, "'"));
        break;
      case Selections::sets:
        for (int version = 1; version <= 2; ++version)
          requirements.push_back(cat("q", i, "==", version, " ; 'e", i, "v", version, "' in extras"));
        conflicts.push_back(cat("extra:e", i, "v1,extra:e", i, "v2"));
        break;
      case Selections::members:
        requirements.push_back(cat("p9==", i % 2 + 1, " ; 'e", i, "' in extras"));
        if (conflicts.empty()) conflicts.emplace_back();
        append(conflicts.back(), i == 0 ? "" : ",", "extra:e", i);
        break;
    }
  }
  std::string question = "--python >=3.9";
  for (const std::string& conflict : conflicts) append(question, " --conflict ", conflict);
  return {projects(20) + (kind == Selections::sets ? alone("q", size) : ""),
          cat(question, " p0, ", join(requirements, ", "))};
}

}  // namespace pkg::test
