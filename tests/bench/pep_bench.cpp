// Nanoseconds per parse and per comparison of versions, specifiers, markers and requirements: pep_bench. Built on
// demand, run by hand.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "pep/requirement.h"

namespace {

using namespace pkg::pep;

constexpr int kRounds = 20'000;

// Processor time, so that a busy machine does not count.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Runs `work` over all texts, kRounds times; it returns something that depends on the result, so that nothing is left
// out.
template <class Work>
void measure(const char* what, std::size_t items, Work work) {
  std::size_t sink = 0;
  double best = 1e30;
  for (int pass = 0; pass < 5; ++pass) {
    const double start = cpu_ns();
    for (int round = 0; round < kRounds / 5; ++round) sink += work();
    best = std::min(best, (cpu_ns() - start) / (kRounds / 5) / static_cast<double>(items));
  }
  std::printf("%-44s %8.1f ns  (%zu)\n", what, best, sink % 10);
}

const std::vector<std::string> kVersions = {"1.26.4", "2.0.0rc1",  "2024.5.1",        "0.1",
                                            "3.12.4", "1.0.post1", "2.31.0.20240406", "1.0.dev20240131"};
const std::vector<std::string> kLocals = {"2.1.0+cpu", "2.1.0+cu118", "1!2.0", "1.0a1.post1"};
const std::vector<std::string> kSpecifiers = {">=1.0", ">=1.21.0,<2", "~=1.4.2", "!=3.0.*,>=2.7", "==1.26.4"};
const std::vector<std::string> kMarkers = {"extra == \"dev\"", "python_version >= \"3.8\"",
                                           "python_version >= \"3.8\" and extra == 'test'"};
const std::vector<std::string> kRequirements = {"numpy",
                                                "numpy>=1.21.0",
                                                "pytest (>=6.0)",
                                                "importlib-metadata>=4.4; python_version < \"3.10\"",
                                                "coverage[toml]>=5.3; extra == \"dev\"",
                                                "requests<3,>=2.20.0"};

template <class T>
std::size_t parse_all(const std::vector<std::string>& texts) {
  std::size_t parsed = 0;
  for (const std::string& text : texts) parsed += T::parse(text).ok() ? 1 : 0;
  return parsed;
}

std::vector<Version> versions(const std::vector<std::string>& texts) {
  std::vector<Version> out;
  for (const std::string& text : texts) out.push_back(*Version::parse(text));
  return out;
}

std::size_t compare_all(const std::vector<Version>& all) {
  std::size_t less = 0;
  for (const Version& a : all) {
    for (const Version& b : all) less += a < b ? 1 : 0;
  }
  return less;
}

}  // namespace

int main() {
  measure("parse a usual version", kVersions.size(), [] {
    std::size_t parsed = 0;
    for (const std::string& text : kVersions) parsed += Version::try_parse(text) ? 1 : 0;
    return parsed;
  });
  measure("parse a version that needs a body", kLocals.size(), [] { return parse_all<Version>(kLocals); });
  const std::vector<Version> usual = versions(kVersions), locals = versions(kLocals);
  measure("compare two usual versions", usual.size() * usual.size(), [&] { return compare_all(usual); });
  measure("compare two versions with bodies", locals.size() * locals.size(), [&] { return compare_all(locals); });
  measure("print a usual version", usual.size(), [&] {
    std::size_t sum = 0;
    for (const Version& version : usual) sum += version.to_string().size();
    return sum;
  });
  measure("parse a specifier set", kSpecifiers.size(), [] { return parse_all<SpecifierSet>(kSpecifiers); });
  const SpecifierSet set = *SpecifierSet::parse(">=1.0,!=1.5.*,<3");
  measure("a set of three takes a version", usual.size(), [&] {
    std::size_t taken = 0;
    for (const Version& version : usual) taken += set.contains(version) ? 1 : 0;
    return taken;
  });
  measure("parse a marker", kMarkers.size(), [] { return parse_all<Marker>(kMarkers); });
  const Environment environment{
      .os_name = "posix", .sys_platform = "linux", .python_version = "3.12", .python_full_version = "3.12.4"};
  const Name extras[] = {Name::from_normalized("test")};
  std::vector<Marker> markers;
  for (const std::string& text : kMarkers) markers.push_back(*Marker::parse(text));
  measure("evaluate a marker", markers.size(), [&] {
    std::size_t holding = 0;
    for (const Marker& marker : markers)
      holding += marker.evaluate({.environment = environment, .extras = extras}) ? 1 : 0;
    return holding;
  });
  measure("parse a requirement", kRequirements.size(), [] { return parse_all<Requirement>(kRequirements); });
}
