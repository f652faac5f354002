#include "ops/outdated.h"

#include <algorithm>

#include "base/text.h"
#include "ops/compile.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

// The kind of the best usable file of a release; nullopt: none is usable on the target.
std::optional<pep::DistKind> usable_kind(std::span<const pep::DistFile> files, const pep::Target& target) {
  std::optional<pep::DistKind> kind;
  for (const auto& file : files) {
    if (file.yanked) continue;
    const auto requires_python = pep::SpecifierSet::parse(file.requires_python);
    if (requires_python && !requires_python->contains(target.python)) continue;
    if (file.kind == pep::DistKind::sdist) {
      kind = kind.value_or(pep::DistKind::sdist);
      continue;
    }
    const auto wheel = pep::WheelName::parse(file.file_name);
    if (wheel && (target.tags == nullptr || target.tags->rank(wheel->interpreters, wheel->abis, wheel->platforms)))
      return pep::DistKind::wheel;
  }
  return kind;
}

Result<std::vector<std::pair<pep::Version, pep::DistKind>>> usable_releases(const index::Project& project, const pep::Target& target,
                                                                            bool prereleases, bool first_only) {
  std::vector<std::pair<pep::Version, pep::DistKind>> found;
  const auto releases = project.releases();
  for (std::size_t i = 0; i < releases.size(); ++i) {
    if (releases[i].all_yanked || (releases[i].version.is_prerelease() && !prereleases)) continue;
    PKG_TRY_ASSIGN(const auto files, project.files(i));
    if (const auto kind = usable_kind(files, target)) found.emplace_back(releases[i].version, *kind);
    if (first_only && !found.empty()) break;
  }
  return found;
}

Result<pep::Target> target_of(const EnvironmentOptions& options, Session& session) { return target_for(options.python, {}, session); }

}  // namespace

Result<std::vector<OutdatedDist>> outdated(const Listing& listing, const EnvironmentOptions& environment, bool prereleases,
                                           Session& session) {
  PKG_TRY_ASSIGN(const auto target, target_of(environment, session));
  PKG_TRY_ASSIGN(auto* index, session.index());
  std::vector<pep::Name> names;
  for (const auto& dist : listing.dists) names.push_back(dist.normalized);
  index->want_projects(names);
  std::vector<OutdatedDist> result;
  for (const auto& dist : listing.dists) {
    PKG_TRY_ASSIGN(const auto project, index->project(dist.normalized));
    const auto version = pep::Version::try_parse(dist.version);
    if (!project->found() || !version) continue;
    PKG_TRY_ASSIGN(const auto releases, usable_releases(*project, target, prereleases || version->is_prerelease(), true));
    if (!releases.empty() && releases[0].first > *version) {
      result.push_back(
          {dist.name, dist.version, releases[0].first.to_string(), releases[0].second == pep::DistKind::wheel ? "wheel" : "sdist"});
    }
  }
  return result;
}

Result<AvailableVersions> available_versions(const std::string& name, const EnvironmentOptions& environment, bool prereleases,
                                             Session& session) {
  AvailableVersions result;
  PKG_TRY_ASSIGN(result.name, pep::Name::parse(name));
  PKG_TRY_ASSIGN(const auto target, target_of(environment, session));
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(const auto project, index->project(result.name));
  if (!project->found()) return make_error(ErrorKind::not_found, cat(quote(result.name.str()), " ", project->reason()));
  PKG_TRY_ASSIGN(auto releases, usable_releases(*project, target, prereleases, false));
  if (releases.empty() && !prereleases) {
    PKG_TRY_ASSIGN(releases, usable_releases(*project, target, true, false));
  }
  if (releases.empty())
    return make_error(ErrorKind::not_found, cat("no release of ", quote(result.name.str()), " has a file for this environment"));
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
