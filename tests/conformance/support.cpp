// Shared by the conformance runners: the list of deviations in docs/internals/conformance.md.

#include <fstream>
#include <string>

#include "conformance/sections.h"

namespace pkg::conformance {

std::vector<std::string> listed_deviations(const std::filesystem::path& conformance_md, const std::string& file,
                                           const std::string& section) {
  std::ifstream stream(conformance_md);
  const std::string wanted = "## " + file + " " + section;
  std::vector<std::string> ids;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#")) inside = line == wanted;
    if (!inside || !line.starts_with("- `")) continue;
    const std::size_t end = line.find('`', 3);
    if (end != std::string::npos) ids.push_back(line.substr(3, end - 3));
  }
  return ids;
}

}  // namespace pkg::conformance
