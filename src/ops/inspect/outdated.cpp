#include "ops/inspect/outdated.h"

#include <algorithm>

#include "base/text.h"
#include "ops/environment/target.h"
#include "ops/solve/release_fit.h"
#include "ops/solve/solve.h"

namespace pkg::ops {
namespace {

Result<std::vector<std::pair<pep::Version, pep::DistKind>>> usable_releases(const index::Project& project,
                                                                            const pep::Target& target,
                                                                            resolver::Policy policy, bool prereleases,
                                                                            bool first_only) {
  policy.prereleases = resolver::Prereleases::allow;  // looked at here
  std::vector<std::pair<pep::Version, pep::DistKind>> found;
  const auto releases = project.releases();
  for (std::size_t i = 0; i < releases.size(); ++i) {
    if (releases[i].all_yanked || (releases[i].version.is_prerelease() && !prereleases)) continue;
    PKG_TRY_ASSIGN(const auto files, project.files(i));
    const auto fit = fit_of(releases[i].version, files, &target, policy);
    if (fit.verdict == ReleaseFit::Verdict::fits) found.emplace_back(releases[i].version, fit.kind);
    if (first_only && !found.empty()) break;
  }
  return found;
}

Result<pep::Target> outdated_target(const EnvironmentOptions& options, Session& session) {
  return target_for(options.python, {}, session);
}

}  // namespace

Result<std::vector<std::optional<LatestRelease>>> latest_releases(const Listing& listing, const LatestOptions& options,
                                                                  Session& session) {
  PKG_TRY_ASSIGN(const auto target, outdated_target(options.environment, session));
  PKG_TRY_ASSIGN(auto* index, session.index());
  std::vector<pep::Name> names;
  for (const auto& dist : listing.dists) names.push_back(dist.normalized);
  index->confirm_pages(names);  // what is the newest is not told from memory
  index->want_projects(names);
  resolver::Policy policy;
  policy.format = options.format;
  PKG_TRY(add_index_cut_offs(session.settings(), policy));
  std::vector<std::optional<LatestRelease>> result;
  for (const auto& dist : listing.dists) {
    auto& latest = result.emplace_back();
    PKG_TRY_ASSIGN(const auto project, index->project(dist.normalized));
    const auto version = pep::Version::try_parse(dist.version);
    if (!project->found() || !version) continue;
    PKG_TRY_ASSIGN(const auto releases,
                   usable_releases(*project, target, policy, options.prereleases || version->is_prerelease(), true));
    if (releases.empty()) continue;
    const auto& [newest, kind] = releases[0];
    const auto standing = newest > *version   ? Standing::outdated
                          : newest < *version ? Standing::ahead
                                              : Standing::up_to_date;
    latest = LatestRelease{newest.to_string(), kind == pep::DistKind::wheel ? "wheel" : "sdist", standing};
  }
  return result;
}

Result<AvailableVersions> available_versions(const std::string& name, const EnvironmentOptions& environment,
                                             bool prereleases, Session& session) {
  AvailableVersions result;
  PKG_TRY_ASSIGN(result.name, pep::Name::parse(name));
  PKG_TRY_ASSIGN(const auto target, outdated_target(environment, session));
  PKG_TRY_ASSIGN(auto* index, session.index());
  index->confirm_pages({&result.name, 1});
  PKG_TRY_ASSIGN(const auto project, index->project(result.name));
  if (!project->found()) return make_error(ErrorKind::not_found, cat(quote(result.name.str()), " ", project->reason()));
  resolver::Policy policy;
  PKG_TRY(add_index_cut_offs(session.settings(), policy));
  PKG_TRY_ASSIGN(auto releases, usable_releases(*project, target, policy, prereleases, false));
  if (releases.empty() && !prereleases) {
    PKG_TRY_ASSIGN(releases, usable_releases(*project, target, policy, true, false));
  }
  if (releases.empty())
    return make_error(ErrorKind::not_found,
                      cat("no release of ", quote(result.name.str()), " has a file for this environment"));
  for (auto& release : releases) result.versions.push_back(release.first);
  if (const auto chosen = choose_environment(environment, WhenMissing::fail, Access::read, session)) {
    if (const auto dists = venv::installed(chosen->environment)) {
      const auto found = std::ranges::find(*dists, result.name, &venv::InstalledDist::name);
      if (found != dists->end()) result.installed = found->version.to_string();
    }
  }
  return result;
}

}  // namespace pkg::ops
