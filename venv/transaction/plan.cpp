#include "venv/transaction/plan.h"

#include <map>

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

// Is what is installed exactly what is wanted? A distribution from a URL is compared with what direct_url.json says;
// one from an index by version.
bool satisfies(const InstalledDist& have, const WantedDist& want) {
  if (have.kind != InstalledKind::dist_info || !have.has_record) return false;  // incomplete or foreign: made whole
  if (have.version != want.version) return false;
  if (!want.direct_url) return true;
  const auto from = read_direct_url(have);
  return from && *from == *want.direct_url && !std::holds_alternative<pep::DirInfo>(want.direct_url->info);
}

}  // namespace

InstallPlan plan(std::span<const WantedDist> wanted, std::span<const InstalledDist> installed,
                 const PlanOptions& options) {
  std::multimap<pep::Name, std::size_t> by_name;
  for (std::size_t i = 0; i < installed.size(); ++i) by_name.emplace(installed[i].name, i);
  std::vector<bool> named(installed.size(), false);

  InstallPlan result;
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    const auto [first, last] = by_name.equal_range(wanted[w].name);
    const bool one = first != last && std::next(first) == last;
    for (auto it = first; it != last; ++it) named[it->second] = true;
    if (one && !wants_reinstall(wanted[w].name, options) && satisfies(installed[first->second], wanted[w])) {
      result.keep.push_back(first->second);
      if (wanted[w].requested && !is_requested(installed[first->second]))
        result.mark_requested.push_back(first->second);
      continue;
    }
    for (auto it = first; it != last; ++it) result.remove.push_back(it->second);
    result.install.push_back(w);
  }
  for (std::size_t i = 0; i < installed.size(); ++i) {
    if (named[i]) continue;
    (options.extraneous == Extraneous::remove ? result.remove : result.keep).push_back(i);
  }
  return result;
}

}  // namespace pkg::venv
