#include "ops/tools/tool_programs.h"

#include <algorithm>

#include "ops/tools/tool_receipt.h"

namespace pkg::ops {

Result<std::vector<std::string>> programs_of(const venv::InstalledDist& dist, const venv::Environment& environment) {
  PKG_TRY_ASSIGN(const auto rows, venv::read_record(dist));
  const auto site = dist.info.parent_path();
  const auto scripts = environment.layout.scripts.lexically_normal();
  std::vector<std::string> names;
  for (const auto& row : rows) {
    const auto path = (site / row.path).lexically_normal();
    if (path.parent_path() == scripts && is_program_name(path.filename().native())) names.push_back(path.filename());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::vector<std::string>> programs_of(const pep::Name& package, std::span<const venv::InstalledDist> installed,
                                             const venv::Environment& environment) {
  const auto dist = std::ranges::find(installed, package, &venv::InstalledDist::name);
  if (dist == installed.end()) return std::vector<std::string>();
  return programs_of(*dist, environment);
}

std::vector<pep::Name> packages_with(const std::string& program, std::span<const venv::InstalledDist> installed,
                                     const venv::Environment& environment) {
  std::vector<pep::Name> packages;
  for (const auto& dist : installed) {
    const auto names = programs_of(dist, environment);
    if (names && std::ranges::binary_search(*names, program)) packages.push_back(dist.name);
  }
  return packages;
}

}  // namespace pkg::ops
