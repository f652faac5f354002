// Which environments the sources of a lock are built in. For each source: what it asks for (its [build-system], and its
// backend, asked in the very environment that is being locked), resolved as universally as the lock itself, with the
// choices of the old lock as preferences. Then the same for what those environments need that has to be built.
//
// What a source asks for is a property of its bytes: an archive or a commit that the old lock knows is not opened
// again. So a lock that is made again on another machine keeps what the backend said on the first one. Folders change,
// and are asked each time. A lock that was edited is no witness: its versions are preferred, what it says of sources is
// not.
#include "ops/lock/lock_builds.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "lock/pylock.h"
#include "ops/environment/target.h"
#include "ops/lock/lock_hashes.h"
#include "ops/lock/locked_builds.h"
#include "ops/lock/required_wheels.h"
#include "ops/solve/solve.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

using Requirements = std::vector<pep::Requirement>;

// Something that is built.
struct BuiltSource {
  pep::Name name;
  std::optional<pep::Version> version;
  pep::DistFile file;
  pep::SpecifierSet requires_python;  // its own lower bounds
};

// What meets some build requirements.
struct Closure {
  pep::Marker marker;  // trivial: wherever the lock is for
  std::vector<lock::LockedDependency> environment;
  std::vector<lock::LockedPackage> packages;
  std::vector<BuiltSource> sources;  // that have to be built themselves
};

std::string title(const BuiltSource& source) {
  return source.version ? cat(source.name.str(), " ", source.version->to_string()) : source.name.str();
}

std::vector<std::string> texts_of(const Requirements& requirements) {
  std::vector<std::string> texts;
  for (const auto& requirement : requirements) texts.push_back(requirement.to_string());
  return texts;
}

// What a pin is built from, where it is; nullptr: it has wheels alone.
const pep::DistFile* source_of(const resolver::Pin& pin) {
  if (pin.files.empty()) return nullptr;
  if (!pin.direct) return lock::sdist_to_lock(pin);
  return pin.best_file().kind == pep::DistKind::sdist ? &pin.best_file() : nullptr;
}

bool build_fits(const pep::DistFile& wheel, const pep::Target& target) {
  const auto name = pep::WheelName::parse(wheel.file_name);
  return name && (!target.tags || target.tags->rank(name->interpreters, name->abis, name->platforms).has_value());
}

// Upper bounds say nothing of what a lock is for (docs/internals/resolver.md).
pep::SpecifierSet lower_bounds(const pep::SpecifierSet& requires_python) {
  std::vector<pep::Specifier> parts;
  for (const auto& part : requires_python.parts())
    if (part.op == pep::Operator::greater_equal || part.op == pep::Operator::greater) parts.push_back(part);
  return pep::SpecifierSet::from_parts(std::move(parts));
}

// Errors that say that this machine cannot tell.
bool is_unknowable(const Error& error) {
  return error.kind == ErrorKind::build || error.kind == ErrorKind::unsupported || error.kind == ErrorKind::conflict;
}

class BuildLocker {
 public:
  BuildLocker(const BuildLocking& locking, lock::LockFile& lock, std::vector<std::string>& warnings, Session& session)
      : locking_(locking),
        lock_(lock),
        warnings_(warnings),
        session_(session),
        options_(session.build_options()),
        folder_(locking.subject.lock_path.parent_path().native()),
        lifted_(upgraded_names(locking.subject.resolve.upgrade_packages)),
        is_old_intact_(!lock::quick_inputs_digest(locking.old.text).empty()),
        required_(locking.header, locking.subject.project.settings.required_environments) {}

  Status run() {
    const auto& scope = lock_.tool.build_scope;
    for (const auto& pin : locking_.resolution.pins) {
      const auto* file = source_of(pin);
      if (file == nullptr || !scope.covers(pin.name)) continue;
      // Who names a package wants it, whatever wheels there are.
      bool is_built = !scope.all;
      if (!is_built) {
        PKG_TRY_ASSIGN(is_built, may_be_built(pin, *file));
      }
      if (is_built) open_.push_back(source_from(pin, *file));
    }
    add_own_projects(scope);
    warn_of_unbuilt(scope);
    while (!open_.empty()) {
      const auto source = std::move(open_.front());
      open_.pop_front();
      PKG_TRY(lock_source(source));
    }
    return finish();
  }

 private:
  BuiltSource source_from(const resolver::Pin& pin, const pep::DistFile& file) const {
    BuiltSource source{pin.name, pin.version, file, {}};
    const auto parsed = pep::SourceUrl::parse(file.url);
    if (pin.direct && parsed && parsed->kind == pep::SourceUrl::Kind::folder) source.version.reset();
    if (pin.metadata && pin.metadata->has_requires_python)
      source.requires_python = lower_bounds(pin.metadata->requires_python);
    return source;
  }

  void add_own_projects(const lock::BuildScope& scope) {
    for (const auto& member : locking_.subject.project.members) {
      if (!member.is_package || !scope.covers(member.name)) continue;
      BuiltSource source{member.name, std::nullopt, {}, {}};
      source.file.kind = pep::DistKind::sdist;
      source.file.project = member.name;
      source.file.url = url::path_to_file_url(member.folder.native());
      open_.push_back(std::move(source));
    }
  }

  // Most likely slips.
  void warn_of_unbuilt(const lock::BuildScope& scope) {
    for (const auto& name : scope.names)
      if (std::ranges::find(open_, name, &BuiltSource::name) == open_.end())
        warnings_.push_back(
            cat("lock-build-dependencies names ", quote(name.str()), ", which the lock has no source of"));
  }

  // Without a wheel anywhere, for an environment that is required, or for the Python that builds here; or it was locked
  // so before, on a machine that had to build it.
  Result<bool> may_be_built(const resolver::Pin& pin, const pep::DistFile& file) {
    const auto wheels = wheels_of(pin);
    if (wheels.empty() || old_build(file) != nullptr) return true;
    const auto is_for_all = [](const pep::DistFile* wheel) { return wheel->file_name.ends_with("-none-any.whl"); };
    if (!required_.are_there(pin)) return true;
    if (std::ranges::any_of(wheels, is_for_all)) return false;
    PKG_TRY_ASSIGN(const auto* builds, locking_.builds());
    return std::ranges::none_of(wheels, [&](const auto* wheel) { return build_fits(*wheel, builds->target()); });
  }

  const lock::LockedBuild* old_build(const pep::DistFile& file) const {
    const auto source = lock::build_source_of(file, folder_);
    if (!locking_.old.parsed || !source) return nullptr;
    const auto& builds = locking_.old.parsed->tool.builds;
    const auto found = std::ranges::find(builds, *source, &lock::LockedBuild::source);
    return found == builds.end() ? nullptr : &*found;
  }

  // It is not built here, or not in an environment of its own; elsewhere it may be.
  bool is_off(const pep::Name& name) const {
    return options_.no_build || options_.no_build_of.contains(name) || options_.no_isolation ||
           options_.no_isolation_of.contains(name);
  }

  Status lock_source(const BuiltSource& source) {
    const auto identity = lock::build_source_of(source.file, folder_);
    if (!identity || !done_.insert(*identity).second) return ok_status();
    if (is_off(source.name) && old_build(source.file) == nullptr) return ok_status();
    auto locked = lock_known_source(source, *identity);
    if (locked || !is_unknowable(locked.error())) return locked;
    warnings_.push_back(
        cat("what builds ", quote(title(source)), " is not locked: ", std::move(locked).error().message));
    return ok_status();
  }

  Status lock_known_source(const BuiltSource& source, const lock::BuildSource& identity) {
    const auto preferences = preferences_for(source);
    PKG_TRY_ASSIGN(const auto asked, asked_for(source, identity, preferences));
    PKG_TRY_ASSIGN(const auto* closure, closure_of(source, asked, preferences));
    for (const auto& package : closure->packages) PKG_TRY(check_nameable(package));
    for (const auto& package : closure->packages) packages_.try_emplace({package.name, package.version}, package);
    auto& build = lock_.tool.builds.emplace_back();
    build.name = source.name;
    build.version = source.version;
    build.source = identity;
    build.marker = closure->marker;
    for (const auto& requirement : asked) build.requires_.push_back(lock::requirement_text(requirement, folder_));
    build.environment = closure->environment;
    open_.insert(open_.end(), closure->sources.begin(), closure->sources.end());
    return ok_status();
  }

  // The old lock's word for the same bytes; else the source's own.
  Result<Requirements> asked_for(const BuiltSource& source, const lock::BuildSource& identity,
                                 const std::vector<resolver::Preference>& preferences) {
    const auto* old = old_build(source.file);
    const bool is_upgraded = locking_.subject.resolve.upgrade || lifted_.contains(source.name);
    const bool is_witness = is_old_intact_ && identity.directory.empty() && !is_upgraded;
    if (old != nullptr && (is_witness || is_off(source.name))) {
      Requirements known;
      for (const auto& text : old->requires_) {
        PKG_TRY_ASSIGN(auto requirement, lock::requirement_of(text, folder_).with("in the lock that was there"));
        known.push_back(std::move(requirement));
      }
      return known;
    }
    PKG_TRY_ASSIGN(auto* builds, locking_.builds());
    const LockPlace place{.folder = folder_};
    return builds->asked_for(
        source.file, [&](const Requirements& asked, const pep::Target& target) -> Result<std::vector<resolver::Pin>> {
          PKG_TRY_ASSIGN(const auto* closure, closure_of(source, asked, preferences));
          lock::LockedBuild build;
          build.name = source.name;
          build.marker = closure->marker;
          build.environment = closure->environment;
          return pins_of_build(build, closure->packages, target, place, session_);
        });
  }

  // What the old lock built this source with, else another state of it, else anything.
  std::vector<resolver::Preference> preferences_for(const BuiltSource& source) const {
    std::vector<resolver::Preference> preferences;
    if (!locking_.old.parsed || locking_.subject.resolve.upgrade) return preferences;
    const auto& builds = locking_.old.parsed->tool.builds;
    const auto add = [&](const lock::LockedBuild& build) {
      for (const auto& entry : build.environment)
        if (entry.version && !lifted_.contains(entry.name))
          preferences.push_back({entry.name, *entry.version, entry.marker});
    };
    const auto* same = old_build(source.file);
    const auto named = std::ranges::find(builds, source.name, &lock::LockedBuild::name);
    if (same != nullptr)
      add(*same);
    else if (named != builds.end())
      add(*named);
    else
      std::ranges::for_each(builds, add);
    return preferences;
  }

  // The same question is asked once: most projects of a workspace have one backend.
  Result<const Closure*> closure_of(const BuiltSource& source, const Requirements& asked,
                                    const std::vector<resolver::Preference>& preferences) {
    auto requirements = asked;
    const auto extra = options_.extra_requirements.find(source.name);
    if (extra != options_.extra_requirements.end())
      requirements.insert(requirements.end(), extra->second.begin(), extra->second.end());
    std::string key = cat(source.requires_python.to_string(), "\n", join(texts_of(requirements), "\n"));
    for (const auto& one : preferences)
      append(key, "\n", one.name.str(), " ", one.version.to_string(), " ", one.marker.to_string());
    const auto known = closures_.find(key);
    if (known != closures_.end()) return &known->second;
    PKG_TRY_ASSIGN(auto closure, solved(source, requirements, preferences));
    return &closures_.emplace(std::move(key), std::move(closure)).first->second;
  }

  // For all that the lock is for; where that has no solution, for the Python that builds here.
  Result<Closure> solved(const BuiltSource& source, const Requirements& requirements,
                         const std::vector<resolver::Preference>& preferences) {
    if (requirements.empty()) return Closure();
    PKG_TRY_ASSIGN(auto problem, problem_of(source, requirements, preferences));
    auto closure = closure_from(problem, {});
    if (closure || closure.error().kind != ErrorKind::conflict) return closure;
    PKG_TRY_ASSIGN(const auto* builds, locking_.builds());
    const auto& environment = builds->target().environment;
    PKG_TRY_ASSIGN(const auto marker, marker_of(environment));
    PKG_TRY_ASSIGN(problem.universe->requires_python,
                   pep::SpecifierSet::parse(cat("==", environment.python_version, ".*")));
    problem.universe->environments = {marker};
    auto narrow = closure_from(problem, marker);
    return narrow ? std::move(narrow) : std::move(closure);
  }

  Result<resolver::Problem> problem_of(const BuiltSource& source, const Requirements& requirements,
                                       const std::vector<resolver::Preference>& preferences) const {
    const auto& resolve = locking_.subject.resolve;
    resolver::Problem problem;
    problem.requirements = requirements;
    problem.constraints = options_.constraints;
    problem.universe = resolver::Universe{
        .requires_python =
            locking_.header.requires_python.value_or(pep::SpecifierSet()).intersect(source.requires_python),
        .environments = locking_.header.environments};
    problem.policy = options_.policy;
    problem.preferences = preferences;
    problem.is_upgrade = resolve.upgrade;
    // -P NAME==V is about the lock's own package where it has one of that name.
    auto upgraded = resolve.upgrade_packages;
    std::erase_if(upgraded, [&](const std::string& text) {
      const auto requirement = pep::Requirement::parse(text);
      return requirement &&
             std::ranges::find(lock_.packages, requirement->name, &lock::LockedPackage::name) != lock_.packages.end();
    });
    PKG_TRY(lift_upgrades(upgraded, problem));
    problem.upgraded.insert(lifted_.begin(), lifted_.end());
    return problem;
  }

  Result<Closure> closure_from(const resolver::Problem& problem, const pep::Marker& marker) {
    PKG_TRY_ASSIGN(auto* index, session_.index());
    LiveSource source(*index, {}, locking_.builds);
    PKG_TRY_ASSIGN(auto resolution, solve(problem, source, session_));
    PKG_TRY(complete_hashes(resolution, WhichHashes::needed, session_));
    for (const auto& warning : resolution.warnings)
      if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(warning);
    auto header = locking_.header;
    header.requires_python = problem.universe->requires_python;
    auto part = lock::lock_of(resolution, std::move(header), folder_);
    PKG_TRY(lock::check_hashes(part));
    Closure closure;
    closure.marker = marker;
    for (const auto& pin : resolution.pins) {
      const auto* file = source_of(pin);
      if (file == nullptr) continue;
      PKG_TRY_ASSIGN(const bool is_built, may_be_built(pin, *file));
      if (is_built) closure.sources.push_back(source_from(pin, *file));
    }
    for (auto& package : part.packages) {
      closure.environment.push_back({package.name, package.version, package.marker, package.extras});
      package.marker = {};
      package.extras.clear();
      package.dependencies.clear();
      closure.packages.push_back(std::move(package));
    }
    return closure;
  }

  // Environments call packages by name and version, folders by name alone.
  Status check_nameable(const lock::LockedPackage& package) const {
    const auto is_other = [&](const auto& known) {
      const auto& other = known.second;
      const bool may_be_meant = other.version == package.version || !other.version || !package.version;
      return other.name == package.name && may_be_meant && other != package;
    };
    if (std::ranges::none_of(packages_, is_other)) return ok_status();
    return make_error(ErrorKind::unsupported, cat("another source is built with a ", quote(package.name.str()),
                                                  " of the same version from elsewhere"));
  }

  Status finish() {
    std::ranges::sort(lock_.tool.builds, [](const lock::LockedBuild& a, const lock::LockedBuild& b) {
      return std::tie(a.name, a.version, a.source) < std::tie(b.name, b.version, b.source);
    });
    for (auto& [name, package] : packages_) lock_.tool.build_packages.push_back(std::move(package));
    std::ranges::stable_sort(lock_.tool.build_packages, [](const lock::LockedPackage& a, const lock::LockedPackage& b) {
      return a.name != b.name ? a.name < b.name : a.version > b.version;
    });
    return ok_status();
  }

  const BuildLocking& locking_;
  lock::LockFile& lock_;
  std::vector<std::string>& warnings_;
  Session& session_;
  const BuildOptions& options_;
  const std::string folder_;
  const std::set<pep::Name> lifted_;
  const bool is_old_intact_;
  RequiredWheels required_;
  std::deque<BuiltSource> open_;
  std::set<lock::BuildSource> done_;
  std::map<std::string, Closure> closures_;
  std::map<std::pair<pep::Name, std::optional<pep::Version>>, lock::LockedPackage> packages_;
};

}  // namespace

Status lock_builds(const BuildLocking& locking, lock::LockFile& lock, std::vector<std::string>& warnings,
                   Session& session) {
  if (!lock.tool.build_scope.is_on()) return ok_status();
  return BuildLocker(locking, lock, warnings, session).run();
}

}  // namespace pkg::ops
