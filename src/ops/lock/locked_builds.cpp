#include "ops/lock/locked_builds.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "lock/pylock_builds.h"

namespace pkg::ops {
namespace {

std::string title(const pep::DistFile& file) {
  if (file.project.empty()) return url::redact(file.url);
  return file.version == pep::Version() ? file.project.str() : cat(file.project.str(), " ", file.version.to_string());
}

// As environments call them: a lock may be long, and foreign.
std::map<std::pair<pep::Name, std::optional<pep::Version>>, const lock::LockedPackage*> by_name(
    const std::vector<lock::LockedPackage>& packages) {
  std::map<std::pair<pep::Name, std::optional<pep::Version>>, const lock::LockedPackage*> known;
  for (const auto& package : packages) {
    known.try_emplace({package.name, std::nullopt}, &package);
    if (package.version) known.try_emplace({package.name, package.version}, &package);
  }
  return known;
}

// What a lock says of builds, looked up by source.
class BuildTable {
 public:
  BuildTable(lock::LockTool tool, const LockPlace& place, Session& session)
      : tool_(std::move(tool)), place_{.folder = place.folder, .name = place.name}, session_(session) {
    for (const auto& build : tool_.builds) builds_.try_emplace(build.source, &build);
  }
  BuildTable(const BuildTable&) = delete;
  BuildTable& operator=(const BuildTable&) = delete;

  Result<std::optional<std::vector<resolver::Pin>>> pins(const pep::DistFile& file, const pep::Target& target) const {
    const auto source = lock::build_source_of(file, place_.folder.native());
    const auto found = source ? builds_.find(*source) : builds_.end();
    if (found != builds_.end()) {
      PKG_TRY_ASSIGN(auto pins, pins_of_build(*found->second, tool_.build_packages, target, place_, session_));
      return std::optional(std::move(pins));
    }
    if (!tool_.build_scope.covers(file.project)) return std::optional<std::vector<resolver::Pin>>();
    return make_error(ErrorKind::conflict, cat("the lock does not say what builds ", quote(title(file))),
                      file.project.empty() ? "lock again: pkg lock -U"
                                           : cat("lock it on this machine: pkg lock -P ", file.project.str()));
  }

 private:
  const lock::LockTool tool_;
  const LockPlace place_;  // a build may need what is one of the lock's own projects
  Session& session_;
  std::map<lock::BuildSource, const lock::LockedBuild*> builds_;
};

}  // namespace

Result<std::vector<resolver::Pin>> pins_of_build(const lock::LockedBuild& build,
                                                 const std::vector<lock::LockedPackage>& packages,
                                                 const pep::Target& target, const LockPlace& place, Session& session) {
  const auto doing = [&] { return cat("in what the lock has to build ", quote(build.name.str())); };
  lock::LockFile part;
  if (!build.marker.is_trivial()) part.environments = {build.marker};
  const auto known = by_name(packages);
  for (const auto& entry : build.environment) {
    const auto package = known.find({entry.name, entry.version});
    if (package == known.end()) continue;  // readers see to it
    auto& copy = part.packages.emplace_back(*package->second);
    copy.marker = entry.marker;
    copy.extras = entry.extras;
  }
  PKG_TRY_ASSIGN(const auto selected, lock::select(part, target, {}).with(doing));
  PKG_TRY_ASSIGN(auto locked, pins_of(selected, place, session).with(doing));
  for (std::size_t i = 0; i < selected.size(); ++i) locked.pins[i].extras = selected[i].package->extras;
  return std::move(locked.pins);
}

Session& session_building(const lock::LockFile& lock, const LockPlace& place, WhenUnlocked when, Session& session) {
  if (!lock.tool.build_scope.is_on()) return session;
  std::string text;
  lock::append_builds(text, lock.tool);
  auto locked = std::make_shared<LockedBuilds>();
  locked->digest = hash::to_hex(hash::sha256(text));
  locked->when_unlocked = when;
  locked->pins = [table = std::make_shared<const BuildTable>(lock.tool, place, session)](
                     const pep::DistFile& file, const pep::Target& target) { return table->pins(file, target); };
  auto options = session.build_options();
  options.locked = std::move(locked);
  return session.with(session.settings(), options);
}

}  // namespace pkg::ops
