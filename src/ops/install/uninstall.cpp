#include "ops/install/uninstall.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/environment_state.h"
#include "ops/environment/visible_packages.h"
#include "ops/fetch/fetch.h"
#include "ops/install/file_conflicts.h"
#include "venv/consistency.h"

namespace pkg::ops {
namespace {

Result<std::vector<pep::Name>> names_of(const UninstallOptions& options, Session& session) {
  InputOptions inputs;
  inputs.words = options.names;
  inputs.requirements_files = options.requirements_files;
  PKG_TRY_ASSIGN(const auto read, read_inputs(inputs, session));
  std::vector<pep::Name> names;
  for (const auto& requirement : read.requirements) {
    if (std::ranges::find(names, requirement.name) == names.end()) names.push_back(requirement.name);
  }
  if (names.empty())
    return make_error(ErrorKind::usage, "nothing to uninstall was named", "pkg uninstall NAME, or -r FILE");
  return names;
}

// What only the removed distributions needed: reachable from them, and from nothing that stays and was asked for.
Result<std::set<const venv::InstalledDist*>> orphans(const std::set<const venv::InstalledDist*>& removed,
                                                     venv::InstalledSet& installed, const pep::Target& target) {
  const auto needs = [&](const venv::InstalledDist& dist) {
    std::vector<const venv::InstalledDist*> list;
    const auto metadata = installed.metadata(dist);
    if (!metadata) return list;
    for (const auto& requirement : (*metadata)->requires_dist) {
      // Extras are not remembered: a requirement of any extra keeps what it names.
      const auto& extras = (*metadata)->provides_extra;
      if (!requirement.marker.is_trivial() &&
          !requirement.marker.evaluate({.environment = target.environment, .extras = extras}))
        continue;
      if (const auto* other = installed.find(requirement.name)) list.push_back(other);
    }
    return list;
  };
  const auto reach = [&](std::vector<const venv::InstalledDist*> open,
                         const std::set<const venv::InstalledDist*>& without) {
    std::set<const venv::InstalledDist*> seen(open.begin(), open.end());
    while (!open.empty()) {
      const auto* dist = open.back();
      open.pop_back();
      for (const auto* other : needs(*dist)) {
        if (!without.contains(other) && seen.insert(other).second) open.push_back(other);
      }
    }
    return seen;
  };
  std::vector<const venv::InstalledDist*> roots;
  const auto below_removed = reach({removed.begin(), removed.end()}, {});
  for (const auto& dist : installed.all()) {
    if (!removed.contains(&dist) && (venv::is_requested(dist) || !below_removed.contains(&dist)))
      roots.push_back(&dist);
  }
  const auto needed = reach(roots, removed);
  std::set<const venv::InstalledDist*> result;
  for (const auto* dist : below_removed) {
    if (!needed.contains(dist)) result.insert(dist);
  }
  return result;
}

// Of names that nothing is installed by: those that may be meant.
std::map<std::string, std::string> near_names(const std::vector<std::string>& names,
                                              std::span<const venv::InstalledDist> dists) {
  std::vector<std::string> known;
  std::map<std::string, std::string> found;
  if (names.empty()) return found;
  for (const auto& dist : dists) known.push_back(dist.name.str());
  for (const auto& name : names)
    if (auto near = nearest(name, known)) found.emplace(name, *std::move(near));
  return found;
}

}  // namespace

Result<UninstallReport> uninstall(const UninstallOptions& options, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(const auto names, names_of(options, session));
  PKG_TRY_ASSIGN(const auto chosen, choose_environment(options.environment, WhenMissing::fail,
                                                       options.dry_run ? Access::plan : Access::write, session));
  const auto& environment = chosen.environment;
  UninstallReport report;
  report.dry_run = options.dry_run;
  report.prefix = environment.layout.prefix;
  PKG_TRY_ASSIGN(const auto packages, visible_packages(environment, session, &report.warnings));
  const auto& dists = packages.own;
  venv::InstalledSet installed(dists);
  std::set<const venv::InstalledDist*> removed;
  for (const auto& name : names) {
    const auto* dist = installed.find(name);
    if (dist == nullptr &&
        std::ranges::find(packages.inherited, name, &venv::InstalledDist::name) != packages.inherited.end()) {
      report.warnings.push_back(cat(quote(name.str()), " is left: it is outside the environment, which only sees it"));
      continue;
    }
    if (dist == nullptr)
      report.not_installed.push_back(name.str());
    else
      removed.insert(dist);
  }
  report.near_names = near_names(report.not_installed, dists);
  if (options.orphans && !removed.empty()) {
    PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_use(environment, session));
    PKG_TRY_ASSIGN(const auto more, orphans(removed, installed, interpreter.target));
    removed.insert(more.begin(), more.end());
  }
  venv::Change change;
  for (const auto& dist : dists) {
    if (!removed.contains(&dist)) continue;
    change.remove.push_back(dist);
    report.changes.push_back({ChangedDist::Kind::removed, dist.name.str(), dist.version.to_string(), {}, {}, false});
  }
  if (options.dry_run) {
    for (const auto& dist : change.remove) {
      PKG_TRY_ASSIGN(const auto files, venv::owned_files(dist, environment, session.state_key()));
      for (const auto& file : files) report.files.push_back(file.string());
    }
  } else if (!change.remove.empty()) {
    forget(environment);
    PKG_TRY_ASSIGN(auto done,
                   venv::apply(change, environment, {}, session.state_key(), session.reporter(), session.cancel()));
    report.warnings.insert(report.warnings.end(), done.warnings.begin(), done.warnings.end());
    tell_of_comebacks(done, session.reporter());
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
