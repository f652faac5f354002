#include "resolver/prefetcher.h"

#include <algorithm>

namespace pkg::resolver {

namespace {

constexpr std::size_t kMostFollowed = 3;     // releases of a project whose requirements are looked at
constexpr int kMostReleasesLookedAt = 4;     // for a usable file
constexpr std::size_t kMostProjects = 5000;  // an index that leads ever on is not followed for ever

}  // namespace

Prefetcher::Prefetcher(const Problem& problem, PackageSource& source) : problem_(problem), source_(source) {
  if (problem.policy.no_deps) return;
  if (!problem.universe) {
    const pep::Target& target = problem.targets.front();
    chooser_ =
        std::make_unique<FileChooser>(target, problem.policy, PythonCheck(target.python, problem.policy), nullptr);
  }
  if (!source_.while_waiting([this](const PackageSource::Arrivals& arrivals) { act(arrivals); })) return;
  for (const pep::Requirement& requirement : problem.requirements) require(requirement, {});
  ask_for_listings();
}

Prefetcher::~Prefetcher() { source_.while_waiting({}); }

void Prefetcher::act(const PackageSource::Arrivals& arrivals) {
  for (const auto& metadata : arrivals.metadata) follow(metadata);
  ask_for_listings();
  for (const pep::Name& name : arrivals.listings) choose(name);
}

void Prefetcher::ask_for_listings() {
  if (!unasked_.empty()) source_.want_listings(unasked_);
  unasked_.clear();
}

bool Prefetcher::may_hold(const pep::Marker& marker, std::span<const pep::Name> extras) const {
  if (marker.is_trivial()) return true;
  if (problem_.universe) return !marker.mentions_extra() || !extras.empty();
  return marker.evaluate({.environment = problem_.targets.front().environment, .extras = extras});
}

void Prefetcher::require(const pep::Requirement& requirement, std::span<const pep::Name> extras_of_parent) {
  if (!requirement.url.empty() || has_index_rule(problem_.index_rules, requirement.name) ||
      !may_hold(requirement.marker, extras_of_parent))
    return;
  if (std::ranges::find(problem_.excludes, requirement.name) != problem_.excludes.end() ||
      interests_.size() > kMostProjects)
    return;
  const auto [known, is_new] = interests_.try_emplace(requirement.name);
  Interest& interest = known->second;
  interest.requirements.push_back(&requirement);
  if (is_new) unasked_.push_back(requirement.name);
  const std::size_t extras_before = interest.extras.size();
  interest.extras.insert(requirement.extras.begin(), requirement.extras.end());
  if (interest.extras.size() != extras_before) follow_again(Interest(interest));
}

void Prefetcher::follow(const std::shared_ptr<const pep::Metadata>& metadata) {
  Interest& interest = interests_[metadata->name];
  if (interest.followed.size() >= kMostFollowed ||
      std::ranges::find(interest.followed, metadata) != interest.followed.end())
    return;
  interest.followed.push_back(metadata);
  const std::vector<pep::Name> extras(interest.extras.begin(), interest.extras.end());
  for (const pep::Requirement& requirement : metadata->requires_dist) require(requirement, extras);
}

// An extra was asked for after the metadata was there.
void Prefetcher::follow_again(const Interest& interest) {
  const std::vector<pep::Name> extras(interest.extras.begin(), interest.extras.end());
  for (const auto& metadata : interest.followed)
    for (const pep::Requirement& requirement : metadata->requires_dist)
      if (requirement.marker.mentions_extra() && requirement.name != metadata->name) require(requirement, extras);
}

bool Prefetcher::fits(const Interest& interest, const Release& release) const {
  if (release.all_yanked) return false;
  const bool wants_prereleases = problem_.policy.prereleases == Prereleases::allow;
  if (release.version.is_prerelease() && !wants_prereleases) return false;
  return std::ranges::all_of(interest.requirements, [&](const pep::Requirement* requirement) {
    return requirement->specifiers.contains(release.version);
  });
}

const pep::DistFile* Prefetcher::likely_file(const pep::Name& name, std::span<const pep::DistFile> files) {
  if (chooser_) {
    Candidate candidate;
    chooser_->choose(name, files, FileOrigin::release, candidate);
    return candidate.reason ? nullptr : candidate.files.front();
  }
  // Of all environments: the one that sorts first, as the resolver of forks has it.
  const pep::DistFile* first = nullptr;
  for (const pep::DistFile& file : files)
    if (file.kind == pep::DistKind::wheel && !file.yanked && (first == nullptr || file.file_name < first->file_name))
      first = &file;
  return first;
}

void Prefetcher::choose(const pep::Name& name) {
  Interest& interest = interests_[name];
  if (interest.is_chosen || problem_.policy.order != Order::highest) return;
  const auto listing = source_.listing(name);
  if (!listing || !(*listing)->found) return;
  const auto& releases = (*listing)->releases;
  std::vector<std::size_t> likely;
  for (std::size_t i = 0; i < releases.size() && likely.size() < kMostReleasesLookedAt; ++i)
    if (fits(interest, releases[i])) likely.push_back(i);
  for (const Preference& preference : problem_.preferences) {
    if (preference.name != name) continue;
    const auto at = std::ranges::find(releases, preference.version, &Release::version);
    if (at != releases.end() && fits(interest, *at))
      likely.insert(likely.begin(), static_cast<std::size_t>(at - releases.begin()));
  }
  for (const std::size_t release : likely) {
    const auto files = source_.files(name, release);
    if (!files) return;
    const pep::DistFile* const file = likely_file(name, *files);
    if (file == nullptr) continue;
    interest.is_chosen = true;
    source_.want_metadata(std::span(&file, 1));
    return;
  }
}

}  // namespace pkg::resolver
