// The conformance program: conformance FOLDER runs every section of the vectors in FOLDER and prints one line `FILE
// SECTION passed/total` for each (resolver scenarios: `resolver/NAME install passed/total`), then one line `FILE
// SECTION ID` for each failing case. The vectors' expectations alone count: the deviations we chose
// (docs/internals/conformance.md) are among the failing ones. Exits 0 whatever fails, 2 when FOLDER is none.

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <vector>

#include "conformance/sections.h"

namespace {

using namespace pkg::conformance;

constexpr std::vector<SectionResult> (*kRunners[])(const std::filesystem::path&) = {
    run_versions,         run_specifiers,        run_markers,        run_requirements,
    run_requirements_txt, run_dependency_groups, run_tags,           run_metadata,
    run_direct_url,       run_wheel_install,     run_simple_index,   run_pylock,
    run_resolver,         run_resolver_random,   run_marker_algebra, run_resolver_universal,
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fputs("usage: conformance FOLDER, the folder of the vectors\n", stderr);
    return 2;
  }
  std::vector<SectionResult> results;
  for (const auto run : kRunners) {
    std::vector<SectionResult> sections = run(argv[1]);
    results.insert(results.end(), std::make_move_iterator(sections.begin()), std::make_move_iterator(sections.end()));
  }
  for (const SectionResult& result : results) {
    std::printf("%s %s %zu/%zu\n", result.file.c_str(), result.section.c_str(), result.total - result.failed.size(),
                result.total);
  }
  for (const SectionResult& result : results) {
    for (const std::string& id : result.failed)
      std::printf("%s %s %s\n", result.file.c_str(), result.section.c_str(), id.c_str());
  }
  return 0;
}
