#pragma once
// Conformance sections: each runs the cases of one section of one vector file and says which fail, by the vectors'
// expectations alone. The doctest binaries compare the failing ids with docs/internals/conformance.md; the program
// tests/conformance/main.cpp prints them.

#include <filesystem>
#include <string>
#include <vector>

namespace pkg::conformance {

struct SectionResult {
  std::string file;     // "versions.json", or "resolver/packse"
  std::string section;  // "valid", or "install"
  std::size_t total = 0;
  std::vector<std::string> failed;  // ids
};

// One function per vector file; `folder` is the vectors' folder. A file that cannot be read gives one failed case
// "FILE".
std::vector<SectionResult> run_versions(const std::filesystem::path& folder);
std::vector<SectionResult> run_specifiers(const std::filesystem::path& folder);
std::vector<SectionResult> run_markers(const std::filesystem::path& folder);
std::vector<SectionResult> run_requirements(const std::filesystem::path& folder);
std::vector<SectionResult> run_requirements_txt(const std::filesystem::path& folder);
std::vector<SectionResult> run_dependency_groups(const std::filesystem::path& folder);
std::vector<SectionResult> run_tags(const std::filesystem::path& folder);
std::vector<SectionResult> run_metadata(const std::filesystem::path& folder);
std::vector<SectionResult> run_direct_url(const std::filesystem::path& folder);
std::vector<SectionResult> run_wheel_install(const std::filesystem::path& folder);
std::vector<SectionResult> run_simple_index(const std::filesystem::path& folder);
std::vector<SectionResult> run_pylock(const std::filesystem::path& folder);
std::vector<SectionResult> run_resolver(const std::filesystem::path& folder);  // resolver/** mode install
std::vector<SectionResult> run_resolver_random(const std::filesystem::path& folder);
std::vector<SectionResult> run_marker_algebra(const std::filesystem::path& folder);
std::vector<SectionResult> run_resolver_universal(const std::filesystem::path& folder);  // resolver/** mode universal

// The ids that docs/internals/conformance.md lists as deviations of `file` `section` (lines "- `id`: reason" under a
// heading "## FILE SECTION").
std::vector<std::string> listed_deviations(const std::filesystem::path& conformance_md, const std::string& file,
                                           const std::string& section);

}  // namespace pkg::conformance
