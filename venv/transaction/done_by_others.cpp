#include "venv/transaction/done_by_others.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/fs.h"

namespace pkg::venv {
namespace {

// Whole, and by an index's file.
bool is_finished(const InstalledDist& dist) {
  return dist.kind == InstalledKind::dist_info && dist.has_record && !fs::exists(dist.info / "direct_url.json");
}

}  // namespace

Change without_done(Change change, std::span<const InstalledDist> now) {
  // What the caller saw half of, another command was just installing.
  std::unordered_set<std::string> known;
  for (const auto& dist : change.remove)
    if (dist.has_record) known.insert(dist.info.native());
  const auto is_done = [&](const WheelToInstall& wheel) {
    const auto& manifest = wheel.wheel->manifest;
    if (wheel.direct_url) return false;
    const InstalledDist* found = nullptr;
    for (const auto& dist : now) {
      if (dist.name != manifest.name) continue;
      if (found != nullptr || dist.version != manifest.version || known.contains(dist.info.native()) ||
          !is_finished(dist))
        return false;
      found = &dist;
    }
    if (found == nullptr) return false;
    if (wheel.requested) change.mark_requested.push_back(*found);
    std::erase_if(change.remove, [&](const InstalledDist& dist) { return dist.info == found->info; });
    return true;
  };
  std::erase_if(change.install, is_done);
  return change;
}

}  // namespace pkg::venv
