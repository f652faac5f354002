#include "ops/environment/visible_packages.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "ops/environment/environment_interpreter.h"

namespace pkg::ops {
namespace {

// In the order in which Python looks there.
std::vector<std::filesystem::path> folders_behind(const venv::Environment& environment,
                                                  const venv::Interpreter& interpreter) {
  std::vector<std::filesystem::path> folders;
  if (environment_variable("PYTHONNOUSERSITE") == nullptr && fs::is_directory(interpreter.user_layout.purelib))
    folders.push_back(interpreter.user_layout.purelib);
  for (const auto& folder : interpreter.site_folders) {
    if (folder != environment.layout.purelib && folder != environment.layout.platlib) folders.push_back(folder);
  }
  return folders;
}

void drop_hidden(std::vector<venv::InstalledDist>& inherited, const std::vector<venv::InstalledDist>& own) {
  std::erase_if(inherited, [&](const venv::InstalledDist& dist) {
    return std::ranges::find(own, dist.name, &venv::InstalledDist::name) != own.end();
  });
}

}  // namespace

std::vector<venv::InstalledDist> VisiblePackages::all() && {
  if (inherited.empty()) return std::move(own);
  own.insert(own.end(), inherited.begin(), inherited.end());
  std::ranges::stable_sort(own, {}, &venv::InstalledDist::name);
  return std::move(own);
}

Result<VisiblePackages> visible_packages(const venv::Environment& environment, Session& session,
                                         std::vector<std::string>* warnings) {
  VisiblePackages packages;
  PKG_TRY_ASSIGN(packages.own, venv::installed(environment, warnings));
  if (!environment.include_system_site_packages) return packages;
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_ask(environment, session));
  PKG_TRY_ASSIGN(packages.inherited, venv::installed_in(folders_behind(environment, interpreter), warnings));
  drop_hidden(packages.inherited, packages.own);
  return packages;
}

}  // namespace pkg::ops
