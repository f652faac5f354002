#include "venv/transaction/plan.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace pkg::venv {
namespace {

bool wants_reinstall(const pep::Name& name, const PlanOptions& options) {
  switch (options.reinstall) {
    case Reinstall::none:
      return false;
    case Reinstall::all:
      return true;
    case Reinstall::listed:
      return options.reinstall_names.contains(name);
  }
  return false;
}

std::string planned_sha256(const pep::ArchiveInfo& archive) {
  for (const auto& [algorithm, hex] : archive.hashes)
    if (algorithm == "sha256") return to_ascii_lower(hex);
  return {};
}

// Of one URL there may be several archives: their hashes decide, where both sides have one.
bool is_same_source(const pep::DirectUrl& have, const pep::DirectUrl& want) {
  if (std::holds_alternative<pep::DirInfo>(want.info)) return false;
  const auto* wanted = std::get_if<pep::ArchiveInfo>(&want.info);
  const auto* found = std::get_if<pep::ArchiveInfo>(&have.info);
  if (wanted == nullptr || found == nullptr) return have == want;
  if (have.url != want.url || have.subdirectory != want.subdirectory) return false;
  return wanted->hashes.empty() || found->hashes == wanted->hashes ||
         (!planned_sha256(*found).empty() && planned_sha256(*found) == planned_sha256(*wanted));
}

// The file `have` came from is known to be none of those that will do.
bool is_other_file(const InstalledDist& have, const std::optional<pep::DirectUrl>& from, const WantedDist& want,
                   const PlanOptions& options) {
  if (want.sha256.empty()) return false;
  if (from && !std::holds_alternative<pep::ArchiveInfo>(from->info)) return true;  // a tree is no file
  auto known = from ? planned_sha256(std::get<pep::ArchiveInfo>(from->info)) : std::string();
  if (known.empty() && options.origins != nullptr) known = options.origins->sha256_of(have);
  return !known.empty() && std::ranges::find(want.sha256, known) == want.sha256.end();
}

}  // namespace

bool is_what_is_wanted(const InstalledDist& have, const WantedDist& want, const PlanOptions& options) {
  if (have.kind != InstalledKind::dist_info) return false;
  if (options.incomplete.contains(have.info.native())) return false;  // made whole
  if (have.version != want.version) return false;
  const bool asks_for_source = want.direct_url || options.same == Same::source || !want.sha256.empty();
  if (!asks_for_source) return true;
  const auto from = read_direct_url(have);
  if (want.direct_url)
    return from && is_same_source(*from, *want.direct_url) && !is_other_file(have, from, want, options);
  // conda's packages say where conda built them.
  if (from && read_installer(have) == "conda") return true;
  if (from && options.same == Same::source) return false;
  return !is_other_file(have, from, want, options);
}

InstallPlan plan(std::span<const WantedDist> wanted, std::span<const InstalledDist> installed,
                 const PlanOptions& options) {
  std::multimap<pep::Name, std::size_t> by_name;
  for (std::size_t i = 0; i < installed.size(); ++i) by_name.emplace(installed[i].name, i);
  std::vector<bool> named(installed.size(), false);

  InstallPlan result;
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    const auto [first, last] = by_name.equal_range(wanted[w].name);
    const bool one = first != last && std::next(first) == last;
    const bool again = wants_reinstall(wanted[w].name, options);
    for (auto it = first; it != last; ++it) named[it->second] = true;
    if (one && !again && is_what_is_wanted(installed[first->second], wanted[w], options)) {
      result.keep.push_back(first->second);
      if (wanted[w].requested && !is_requested(installed[first->second]))
        result.mark_requested.push_back(first->second);
      continue;
    }
    for (auto it = first; it != last; ++it) result.remove.push_back(it->second);
    result.install.push_back(w);
    if (again) result.asked_again.insert(wanted[w].name);
  }
  for (std::size_t i = 0; i < installed.size(); ++i) {
    if (named[i]) continue;
    (options.extraneous == Extraneous::remove ? result.remove : result.keep).push_back(i);
  }
  return result;
}

}  // namespace pkg::venv
