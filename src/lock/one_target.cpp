#include "lock/one_target.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lock/selection.h"

namespace pkg::lock {
namespace {

// "3.12.4" gives "==3.12.*".
pep::SpecifierSet minor_version(const pep::Version& python) {
  const auto release = python.release();
  const auto minor = release.size() > 1 ? release[1] : 0;
  return pep::SpecifierSet::parse(cat("==", release[0], '.', minor, ".*")).value();
}

// What wheels are chosen by, as far as markers can tell it.
pep::Marker marker_of(const pep::Environment& environment) {
  using Variable = pep::MarkerVariable;
  const std::pair<Variable, const std::string&> known[] = {
      {Variable::sys_platform, environment.sys_platform},
      {Variable::platform_machine, environment.platform_machine},
      {Variable::implementation_name, environment.implementation_name}};
  std::vector<pep::MarkerNode> nodes;
  pep::MarkerNode root;
  root.kind = pep::MarkerNode::Kind::all;
  for (const auto& [variable, value] : known) {
    if (value.empty()) continue;
    root.children.push_back(static_cast<std::uint32_t>(nodes.size()));
    nodes.emplace_back().atom = {.variable = variable, .literal = value};
  }
  if (nodes.size() > 1) nodes.push_back(std::move(root));
  return pep::Marker::from_nodes(std::move(nodes));
}

// What the project itself asks for with these parts, by name.
std::vector<std::string> roots_there(const LockFile& lock, const ChosenParts& parts,
                                     const std::vector<Selection>& chosen) {
  std::vector<std::string> out;
  for (const auto& name : root_names(lock, parts)) {
    const auto is_it = [&](const Selection& one) { return one.package->name == name; };
    if (std::any_of(chosen.begin(), chosen.end(), is_it)) out.push_back(name.str());
  }
  return out;
}

// Names alone say what a package needs: there is one version of each. What the environment and the package's extras
// rule out is left out.
std::vector<LockedDependency> dependencies_there(const LockedPackage& package, const std::vector<Selection>& chosen,
                                                 const pep::Environment& environment) {
  std::vector<LockedDependency> out;
  for (const auto& dependency : package.dependencies) {
    const bool is_there = std::any_of(chosen.begin(), chosen.end(),
                                      [&](const Selection& other) { return names(dependency, *other.package); });
    if (!is_there || !dependency.marker.evaluate({.environment = environment, .extras = package.extras})) continue;
    if (out.empty() || out.back().name != dependency.name) out.push_back({dependency.name, {}, {}, {}});
  }
  return out;
}

bool is_of(const LockedBuild& build, const LockedPackage& package) {
  return build.name == package.name && (!build.version || !package.version || build.version == package.version);
}

// What builds the sources among `packages`, what builds that, and so on, with the packages that these environments
// name.
void carry_builds(const LockTool& from, const std::vector<LockedPackage>& packages, LockTool& to) {
  std::vector<const LockedPackage*> open;
  for (const auto& package : packages)
    if (package.wheels.empty()) open.push_back(&package);
  std::set<const LockedBuild*> builds;
  std::set<const LockedPackage*> needed;
  while (!open.empty()) {
    const auto* const package = open.back();
    open.pop_back();
    for (const auto& build : from.builds) {
      if (!is_of(build, *package) || !builds.insert(&build).second) continue;
      for (const auto& other : from.build_packages) {
        const auto means_it = [&](const LockedDependency& entry) { return names(entry, other); };
        if (std::any_of(build.environment.begin(), build.environment.end(), means_it) && needed.insert(&other).second)
          open.push_back(&other);
      }
    }
  }
  if (builds.empty()) return;
  to.version = kLockToolVersion;
  to.build_scope = from.build_scope;
  for (const auto& build : from.builds)
    if (builds.contains(&build)) to.builds.push_back(build);
  for (const auto& package : from.build_packages)
    if (needed.contains(&package)) to.build_packages.push_back(package);
}

}  // namespace

Result<LockFile> for_one_target(const LockFile& lock, const pep::Target& target, const SelectOptions& options) {
  PKG_TRY_ASSIGN(const auto chosen, select(lock, target, options));
  LockFile out;
  out.created_by = lock.created_by;
  out.requires_python = minor_version(target.python);
  auto marker = marker_of(target.environment);
  if (!marker.is_trivial()) out.environments.push_back(std::move(marker));
  PKG_TRY_ASSIGN(const auto parts, chosen_parts(lock, options.extras, options.groups));
  out.tool.requirements = roots_there(lock, parts, chosen);
  for (const auto& selection : chosen) {
    LockedPackage package = *selection.package;
    package.marker = {};
    package.extras.clear();
    package.dependencies = dependencies_there(*selection.package, chosen, target.environment);
    if (selection.kind == Selection::Kind::wheel) {
      package.sdist.reset();
      package.wheels = {*selection.file};
    } else if (selection.kind == Selection::Kind::sdist) {
      package.wheels.clear();
    }
    out.packages.push_back(std::move(package));
  }
  carry_builds(lock.tool, out.packages, out.tool);
  return out;
}

}  // namespace pkg::lock
