#include "venv/consistency.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/hash_file.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/source_url.h"

namespace pkg::venv {
namespace {

bool is_revision(const pep::VcsInfo& info, const std::string& asked) {
  return asked == info.requested_revision || asked == info.commit_id;
}

// Does `dist` come from where the requirement says?
bool comes_from(const InstalledDist& dist, const std::string& url) {
  const auto direct = read_direct_url(dist);
  const auto source = pep::SourceUrl::parse(url);
  if (!direct || !source || direct->url != pep::strip_credentials(source->url) ||
      direct->subdirectory != source->subdirectory)
    return false;
  const auto* vcs = std::get_if<pep::VcsInfo>(&direct->info);
  return source->kind != pep::SourceUrl::Kind::vcs || (vcs != nullptr && is_revision(*vcs, source->revision));
}

// An archive of this machine is still the one that was installed.
bool is_same_archive(const std::string& url, const pep::ArchiveInfo& archive) {
  const auto path = url::file_url_to_path(url);
  if (!path) return false;
  for (const auto& [algorithm, hex] : archive.hashes) {
    const auto known = hash::algorithm_from_name(algorithm);
    if (!known || !hash::is_strong(*known)) continue;
    const auto now = hash::hex_of_file(*path, *known);
    return now && *now == to_ascii_lower(hex);
  }
  return false;
}

// What a URL names may be another thing tomorrow: a folder, a branch, a wheel that was built again.
bool may_have_changed(const std::string& url, const InstalledDist& dist) {
  const auto source = pep::SourceUrl::parse(url);
  if (!source || source->kind == pep::SourceUrl::Kind::folder) return true;
  const bool is_vcs = source->kind == pep::SourceUrl::Kind::vcs;
  if (!is_vcs && !source->url.starts_with("file:")) return false;
  const auto direct = read_direct_url(dist);
  if (!is_vcs) {
    const auto* archive = direct ? std::get_if<pep::ArchiveInfo>(&direct->info) : nullptr;
    return archive == nullptr || !is_same_archive(source->url, *archive);
  }
  const auto* vcs = direct ? std::get_if<pep::VcsInfo>(&direct->info) : nullptr;
  return vcs == nullptr || vcs->commit_id != source->revision;
}

bool accepts(const pep::Requirement& requirement, const InstalledDist& dist) {
  return requirement.url.empty() ? requirement.specifiers.contains(dist.version) : comes_from(dist, requirement.url);
}

bool applies(const pep::Requirement& requirement, const pep::Target& target, std::span<const pep::Name> extras) {
  return requirement.marker.is_trivial() ||
         requirement.marker.evaluate({.environment = target.environment, .extras = extras});
}

}  // namespace

InstalledSet::InstalledSet(std::span<const InstalledDist> dists) : dists_(dists) {
  for (const auto& dist : dists) by_name_.emplace(dist.name, &dist);
}

const InstalledDist* InstalledSet::find(const pep::Name& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Result<const pep::Metadata*> InstalledSet::metadata(const InstalledDist& dist) {
  const auto known = metadata_.find(&dist);
  if (known != metadata_.end()) return &known->second;
  PKG_TRY_ASSIGN(auto metadata, read_metadata(dist));
  return &metadata_.emplace(&dist, std::move(metadata)).first->second;
}

std::string Inconsistency::to_string() const {
  const auto who = cat(dist->name_as_written, " ", dist->version_as_written);
  switch (kind) {
    case Kind::missing:
      return cat(who, " requires ", requirement, ", which is not installed.");
    case Kind::wrong_version:
      return cat(who, " has requirement ", requirement, ", but you have ", found, ".");
    case Kind::wrong_python:
      return cat(who, " requires Python ", requirement, ", but this environment has ", found, ".");
    case Kind::other_metadata:
      return cat(who, " has the metadata of ", found, ".");
    case Kind::unreadable:
      return cat(who, " cannot be checked: ", found, ".");
    case Kind::incomplete:
      return cat(who, " is incomplete: ", found, ".");
    case Kind::broken:
      return cat(who, " has a requirement that cannot be read: ", found, ".");
  }
  return who;
}

std::vector<Inconsistency> find_inconsistencies(std::span<const InstalledDist* const> dists, InstalledSet& installed,
                                                const pep::Target& target, const Incomplete& incomplete) {
  std::vector<Inconsistency> found;
  for (const auto* dist : dists) {
    const auto metadata = installed.metadata(*dist);
    if (!metadata) {
      found.push_back({Inconsistency::Kind::unreadable, dist, {}, metadata.error().message});
      continue;
    }
    if (const auto part = incomplete.find(dist->info.native()); part != incomplete.end())
      found.push_back({Inconsistency::Kind::incomplete, dist, {}, part->second});
    if ((*metadata)->name != dist->name || (*metadata)->version != dist->version) {
      found.push_back({Inconsistency::Kind::other_metadata,
                       dist,
                       {},
                       cat((*metadata)->name.str(), " ", (*metadata)->version.to_string())});
    }
    if (!(*metadata)->requires_python.contains(target.python)) {
      found.push_back({Inconsistency::Kind::wrong_python, dist, (*metadata)->requires_python.to_string(),
                       target.python.to_string()});
    }
    for (const auto& why : (*metadata)->broken_requirements)
      found.push_back({Inconsistency::Kind::broken, dist, {}, why});
    for (const auto& requirement : (*metadata)->requires_dist) {
      if (!applies(requirement, target, {})) continue;
      const auto* other = installed.find(requirement.name);
      auto wanted = requirement;
      wanted.marker = {};
      if (other == nullptr) {
        found.push_back({Inconsistency::Kind::missing, dist, wanted.to_string(), {}});
      } else if (!accepts(requirement, *other)) {
        found.push_back({Inconsistency::Kind::wrong_version, dist, wanted.to_string(),
                         cat(other->name_as_written, " ", other->version_as_written)});
      }
    }
  }
  return found;
}

bool is_satisfied(std::span<const pep::Requirement> requirements, std::span<const pep::Requirement> constraints,
                  InstalledSet& installed, const pep::Target& target, bool with_dependencies) {
  // A work list of (distribution, extra): the empty extra stands for the distribution itself.
  std::set<std::pair<const InstalledDist*, pep::Name>> seen;
  std::vector<std::pair<const InstalledDist*, pep::Name>> open;
  const auto enter = [&](const pep::Requirement& requirement) {
    const auto* dist = installed.find(requirement.name);
    if (dist == nullptr || !accepts(requirement, *dist)) return false;
    if (!requirement.url.empty() && may_have_changed(requirement.url, *dist)) return false;
    if (seen.emplace(dist, pep::Name()).second) {
      if (missing_part(*dist)) return false;
      open.emplace_back(dist, pep::Name());
    }
    for (const auto& extra : requirement.extras) {
      if (seen.emplace(dist, extra).second) open.emplace_back(dist, extra);
    }
    return true;
  };
  for (const auto& requirement : requirements) {
    if (applies(requirement, target, {}) && !enter(requirement)) return false;
  }
  while (with_dependencies && !open.empty()) {
    const auto [dist, extra] = open.back();
    open.pop_back();
    const auto metadata = installed.metadata(*dist);
    if (!metadata) return false;
    const auto extras = extra.empty() ? std::span<const pep::Name>() : std::span<const pep::Name>(&extra, 1);
    for (const auto& requirement : (*metadata)->requires_dist) {
      if (!extra.empty() && !requirement.marker.mentions_extra()) continue;
      if (applies(requirement, target, extras) && !enter(requirement)) return false;
    }
  }
  return std::ranges::all_of(constraints, [&](const pep::Requirement& constraint) {
    const auto* dist = installed.find(constraint.name);
    const bool concerned = dist != nullptr && seen.contains({dist, pep::Name()}) && applies(constraint, target, {});
    return !concerned || accepts(constraint, *dist);
  });
}

}  // namespace pkg::venv
