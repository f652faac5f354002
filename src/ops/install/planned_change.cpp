#include "ops/install/planned_change.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "ops/install/sync.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// The revision as it was asked for: the file knows it, or (from a lock) the requirement that led here.
std::string requested_revision(const resolver::Pin& pin) {
  if (!pin.best_file().requested_revision.empty()) return pin.best_file().requested_revision;
  for (const auto& edge : pin.required_by) {
    const auto asked = pep::SourceUrl::parse(edge.requirement.url);
    if (asked && asked->kind == pep::SourceUrl::Kind::vcs) return asked->revision;
  }
  return {};
}

}  // namespace

std::optional<pep::DirectUrl> direct_url_of(const resolver::Pin& pin) {
  if (!pin.direct) return std::nullopt;
  const auto& file = pin.best_file();
  const auto source = pep::SourceUrl::parse(file.url);
  if (source && source->kind == pep::SourceUrl::Kind::vcs)
    return pep::DirectUrl{source->url, pep::VcsInfo{source->vcs, source->revision, requested_revision(pin)},
                          source->subdirectory};
  if (source && source->kind == pep::SourceUrl::Kind::folder)
    return pep::DirectUrl{source->url, pep::DirInfo{file.editable}, source->subdirectory};
  pep::ArchiveInfo archive;
  if (const auto* sha256 = file.sha256()) archive.hashes.emplace_back("sha256", sha256->hex);
  return pep::DirectUrl{source ? source->url : file.url, std::move(archive),
                        source ? source->subdirectory : std::string()};
}

std::set<pep::Name> Wanted::names() const {
  std::set<pep::Name> names;
  for (const auto& dist : dists) names.insert(dist.name);
  return names;
}

Wanted wanted_from(std::span<const resolver::Pin> pins, const std::set<pep::Name>& requested) {
  Wanted wanted;
  for (const auto& pin : pins) {
    if (pin.files.empty()) continue;
    wanted.pins.push_back(&pin);
    wanted.dists.push_back({pin.name, pin.version, requested.contains(pin.name), direct_url_of(pin)});
  }
  return wanted;
}

namespace {

// Nothing where some of them are of another algorithm: such a file would count as another one.
std::vector<std::string> sha256_of(std::span<const pep::FileHash> hashes) {
  std::vector<std::string> known;
  for (const auto& hash : hashes) {
    if (hash.algorithm != hash::Algorithm::sha256) return {};
    known.push_back(hash.hex);
  }
  return known;
}

}  // namespace

void want_own_files(Wanted& wanted) {
  for (std::size_t i = 0; i < wanted.dists.size(); ++i) {
    if (const auto* sha256 = wanted.pins[i]->best_file().sha256(); sha256 != nullptr && !wanted.dists[i].direct_url)
      wanted.dists[i].sha256 = {sha256->hex};
  }
}

void want_required_files(Wanted& wanted, const RequiredHashes& required) {
  for (auto& dist : wanted.dists) {
    const bool is_tree = dist.direct_url && !std::holds_alternative<pep::ArchiveInfo>(dist.direct_url->info);
    if (const auto hashes = required.find(dist.name); hashes != required.end() && !is_tree)
      dist.sha256 = sha256_of(hashes->second);
  }
}

std::vector<ChangedDist> changes_of(const venv::InstallPlan& plan, const Wanted& wanted,
                                    std::span<const venv::InstalledDist> installed) {
  std::vector<ChangedDist> changes;
  std::map<pep::Name, std::size_t> before_of;  // what is there twice counts once
  for (const auto i : plan.remove) before_of.try_emplace(installed[i].name, i);
  std::set<pep::Name> replaced;
  for (const auto i : plan.install) {
    const auto& dist = wanted.dists[i];
    ChangedDist change{ChangedDist::Kind::added,
                       dist.name.str(),
                       {},
                       dist.version.to_string(),
                       dist.direct_url ? dist.direct_url->url : "",
                       dist.requested};
    if (const auto old = before_of.find(dist.name); old != before_of.end()) {
      replaced.insert(dist.name);
      const auto& before = installed[old->second];
      change.old_version = before.version.to_string();
      change.kind = before.version == dist.version  ? ChangedDist::Kind::reinstalled
                    : before.version < dist.version ? ChangedDist::Kind::upgraded
                                                    : ChangedDist::Kind::downgraded;
    }
    changes.push_back(std::move(change));
  }
  for (const auto i : plan.remove) {
    if (replaced.contains(installed[i].name)) continue;
    changes.push_back(
        {ChangedDist::Kind::removed, installed[i].name.str(), installed[i].version.to_string(), {}, {}, false});
  }
  std::ranges::sort(changes, {}, &ChangedDist::name);
  return changes;
}

void tell_of_incomplete(const venv::InstallPlan& plan, std::span<const venv::InstalledDist> installed,
                        const std::set<pep::Name>& wanted, const venv::Incomplete& incomplete,
                        std::vector<std::string>& warnings) {
  for (const auto i : plan.remove) {
    const auto& dist = installed[i];
    const auto found = incomplete.find(dist.info.native());
    if (found == incomplete.end() || !wanted.contains(dist.name)) continue;
    warnings.push_back(cat(quote(dist.name.str()), " ", dist.version.to_string(), " is incomplete (", found->second,
                           "): it is installed again"));
  }
}

void keep_seeds(venv::InstallPlan& plan, std::span<const venv::InstalledDist> installed,
                const std::set<pep::Name>& wanted, const std::set<pep::Name>& also) {
  std::erase_if(plan.remove, [&](std::size_t i) {
    const auto& name = installed[i].name;
    const bool stays = !wanted.contains(name) && (also.contains(name) || !is_extraneous(installed[i], wanted));
    if (stays) plan.keep.push_back(i);
    return stays;
  });
}

Result<venv::PlanOptions> plan_options(venv::Reinstall reinstall, const std::vector<std::string>& packages,
                                       venv::Extraneous extraneous) {
  venv::PlanOptions plan{reinstall, {}, extraneous};
  for (const auto& text : packages) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    plan.reinstall_names.insert(std::move(name));
    if (plan.reinstall == venv::Reinstall::none) plan.reinstall = venv::Reinstall::listed;
  }
  return plan;
}

}  // namespace pkg::ops
