#include "ops/bundle/bundle_contents.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "lock/locked_source.h"
#include "ops/lock/locked_builds.h"
#include "ops/solve/resolve_for_target.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

// Collects the pins of one target after the other.
class Collector {
 public:
  Collector(const BundleOptions& options, std::span<const BundleTarget> targets, Session& session)
      : options_(options), targets_(targets), session_(&session) {}

  Status add(std::span<const resolver::Pin* const> pins, std::size_t target) {
    std::vector<const pep::DistFile*> to_build;
    for (const auto* pin : pins) {
      const auto& file = pin->best_file();
      const auto plain = file.kind == pep::DistKind::wheel || options_.allow_sdists ? plain_file(file) : std::nullopt;
      if (plain)
        keep(*plain, &BundlePackage::targets, target, false);
      else if (targets_[target].builder)
        to_build.push_back(&file);
      else
        return cannot_build(*pin, target);
    }
    if (to_build.empty()) return ok_status();
    PKG_TRY_ASSIGN(auto* builds, session_->need_builds());
    PKG_TRY_ASSIGN(auto wheels, builds->wheels(to_build).with(
                                    [&] { return cat("while making wheels for ", targets_[target].name); }));
    for (auto& wheel : wheels) {
      PKG_TRY(check_built(wheel, target));
      contents.hashes.erase(wheel.project);
      keep(wheel, &BundlePackage::targets, target, true);
    }
    return ok_status();
  }

  // What the lock has to build `file` with: false where that is not all files that can lie in a folder.
  bool add_to_build(std::span<const resolver::Pin> pins, std::size_t target) {
    std::vector<pep::DistFile> files;
    for (const auto& pin : pins) {
      auto plain = plain_file(pin.best_file());
      if (!plain) return false;
      files.push_back(*std::move(plain));
    }
    for (const auto& file : files) keep(file, &BundlePackage::build_targets, target, false);
    return true;
  }

  // From now on wheels are built by this one.
  void build_with(Session& session) { session_ = &session; }

  BundleContents finish() && {
    std::ranges::sort(contents.packages, [](const BundlePackage& a, const BundlePackage& b) {
      if (a.name != b.name) return a.name < b.name;
      if (a.version != b.version) return b.version < a.version;
      return a.file.file_name < b.file.file_name;
    });
    return std::move(contents);
  }

  BundleContents contents;

 private:
  void keep(const pep::DistFile& file, std::vector<std::size_t> BundlePackage::*use, std::size_t target, bool built) {
    auto same = std::ranges::find_if(
        contents.packages, [&](const BundlePackage& known) { return known.file.file_name == file.file_name; });
    if (same == contents.packages.end())
      same = contents.packages.insert(same, BundlePackage{file.project, file.version, file, {}, {}, built});
    auto& targets = *same.*use;
    if (targets.empty() || targets.back() != target) targets.push_back(target);
  }

  Error cannot_build(const resolver::Pin& pin, std::size_t target) const {
    return make_error(ErrorKind::unsupported,
                      cat(quote(cat(pin.name.str(), " ", pin.version.to_string())), " has no wheel for ",
                          targets_[target].name, ", and there is no such Python on this machine to build one with"),
                      plain_file(pin.best_file()) ? "--allow-sdists puts its source archive into the bundle" : "");
  }

  // A wheel is for the Python it was built with; for the target it has to be usable.
  Status check_built(const pep::DistFile& wheel, std::size_t target) const {
    const auto name = pep::WheelName::parse(wheel.file_name);
    const auto& tags = targets_[target].target.tags;
    if (!name || !tags || tags->rank(name->interpreters, name->abis, name->platforms)) return ok_status();
    return make_error(ErrorKind::unsupported, cat("the wheel that was built, ", quote(wheel.file_name), ", is not for ",
                                                  targets_[target].name));
  }

  const BundleOptions& options_;
  std::span<const BundleTarget> targets_;
  Session* session_;
};

Status use_builder(const BundleTarget& target, Inputs& inputs, Session& session) {
  if (target.builder) return prepare_sources(inputs, *target.builder, session);
  session.make_builds_later({});
  if (inputs.unnamed.empty()) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat(quote(inputs.unnamed.front().url), " has to be built, and there is no Python for ", target.name,
                        " on this machine to build it with"));
}

Status add_bundled(const Inputs& inputs, const BundleOptions& options, std::span<const BundleTarget> targets,
                   Collector& collector, Session& session) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto doing = [&] { return cat("for ", targets[i].name); };
    auto named = inputs;
    PKG_TRY(use_builder(targets[i], named, session).with(doing));
    auto resolve = options.lock.resolve;
    // What could not be built anyway need not be looked at; the newest release with a wheel is.
    if (!targets[i].builder && !options.allow_sdists) resolve.policy.format.only_binary_all = true;
    PKG_TRY_ASSIGN(auto gathered, resolve_for_target(named, resolve, targets[i].target, session).with(doing));
    collector.contents.hashes.merge(gathered.hashes);
    auto& warnings = collector.contents.warnings;
    for (auto& warning : gathered.warnings)
      if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(std::move(warning));
    PKG_TRY(collector.add(pins_with_files(gathered, false), i));
  }
  return ok_status();
}

// What builds the sources of a lock that go into a bundle, for one target after the other.
class BuildsOfBundle {
 public:
  BuildsOfBundle(const lock::LockTool& tool, const LockPlace& place, WhenUnlocked when, Collector& collector,
                 Session& session)
      : tool_(tool), place_(place), when_(when), collector_(collector), session_(session) {}

  Status add(std::span<const resolver::Pin> pins, const BundleTarget& target, std::size_t number) {
    std::vector<const lock::LockedBuild*> open;
    const auto want = [&](const pep::DistFile& file) {
      const auto plain = file.kind == pep::DistKind::wheel ? std::nullopt : plain_file(file);
      const auto source = plain ? lock::build_source_of(file, place_.folder.native()) : std::nullopt;
      const auto found =
          source ? std::ranges::find(tool_.builds, *source, &lock::LockedBuild::source) : tool_.builds.end();
      if (found != tool_.builds.end()) open.push_back(&*found);
    };
    for (const auto& pin : pins) want(pin.best_file());
    for (const auto& build : tool_.builds)
      if (!build.source.directory.empty() && is_own(build)) open.push_back(&build);
    std::set<const lock::LockedBuild*> done;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto& build = *open[i];
      if (!done.insert(&build).second) continue;
      auto found = pins_of_build(build, tool_.build_packages, target.target, {place_.folder, {}}, session_);
      if (!found && (found.error().kind != ErrorKind::conflict || when_ == WhenUnlocked::fail))
        return std::move(found).error().with(cat("for ", target.name));
      if (!found || !collector_.add_to_build(*found, number)) {
        tell(cat("what builds ", quote(build.name.str()), " for ", target.name, " is not in the bundle",
                 found ? "" : ": ", found ? "" : found.error().message));
        continue;
      }
      for (const auto& pin : *found) want(pin.best_file());
      keep(build);
    }
    return ok_status();
  }

 private:
  bool is_own(const lock::LockedBuild& build) const {
    const auto path = std::filesystem::path(build.source.directory) / build.source.subdirectory;
    return is_own_folder(path.native(), place_);
  }
  void tell(std::string note) { collector_.contents.notes.push_back(std::move(note)); }
  // The bundle has no projects of its own.
  void keep(const lock::LockedBuild& build) {
    auto& builds = collector_.contents.builds;
    if (build.source.directory.empty() && std::ranges::find(builds, build) == builds.end()) builds.push_back(build);
  }

  const lock::LockTool& tool_;
  const LockPlace place_;
  const WhenUnlocked when_;
  Collector& collector_;
  Session& session_;
};

Status add_lock(const LockSource& source, const BundleOptions& options, std::span<const BundleTarget> targets,
                Collector& collector, Session& given) {
  PKG_TRY_ASSIGN(auto opened, open_lock(options, source, given));
  auto& session = session_building(opened.lock, place_of(source), when_unlocked(options), given);
  collector.build_with(session);
  BuildsOfBundle builds(opened.lock.tool, place_of(source), when_unlocked(options), collector, session);
  std::set<pep::Name> projects;
  Inputs none;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto doing = [&] { return cat("for ", targets[i].name); };
    PKG_TRY(use_builder(targets[i], none, session));
    PKG_TRY_ASSIGN(const auto selected, select_packages(opened.lock, targets[i].target, options.selection).with(doing));
    PKG_TRY_ASSIGN(const auto locked, pins_of(selected, place_of(source), session).with(doing));
    projects.insert(locked.projects.begin(), locked.projects.end());
    std::vector<const resolver::Pin*> pins;
    for (const auto& pin : locked.pins) pins.push_back(&pin);
    PKG_TRY(collector.add(pins, i));
    // Without --allow-sdists all are wheels by now.
    const auto sources =
        options.allow_sdists ? std::span<const resolver::Pin>(locked.pins) : std::span<const resolver::Pin>();
    PKG_TRY(builds.add(sources, targets[i], i));
  }
  for (const auto& name : projects)
    collector.contents.notes.push_back(cat(quote(name.str()), " itself is not in the bundle, only what it needs"));
  collector.contents.lock = std::move(opened.report);
  return ok_status();
}

bool names_inputs(const InputOptions& inputs) {
  return !inputs.words.empty() || !inputs.requirements_files.empty() || !inputs.editables.empty();
}

}  // namespace

Result<BundleSource> read_bundle_source(const BundleOptions& options, const Session& session) {
  BundleSource source;
  if (names_inputs(options.inputs)) {
    PKG_TRY_ASSIGN(source.inputs, read_inputs(options.inputs, session));
  } else {
    PKG_TRY_ASSIGN(source.lock, find_lock(options, session));
  }
  return source;
}

Result<BundleContents> bundle_contents(const BundleSource& source, const BundleOptions& options,
                                       std::span<const BundleTarget> targets, Session& session) {
  Collector collector(options, targets, session);
  if (source.inputs)
    PKG_TRY(add_bundled(*source.inputs, options, targets, collector, session));
  else
    PKG_TRY(add_lock(*source.lock, options, targets, collector, session));
  return std::move(collector).finish();
}

}  // namespace pkg::ops
