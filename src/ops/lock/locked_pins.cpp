#include "ops/lock/locked_pins.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "lock/selection.h"
#include "pep/filename.h"
#include "pep/requirement.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

Result<std::vector<pep::Name>> names_of(const std::vector<std::string>& texts) {
  std::vector<pep::Name> names;
  for (const auto& text : texts) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

void add_missing(std::vector<pep::Name>& to, const std::vector<pep::Name>& from) {
  for (const auto& name : from)
    if (std::ranges::find(to, name) == to.end()) to.push_back(name);
}

// Follows the lock's dependencies from what groups, or members of a workspace, ask for.
class LockCut {
 public:
  LockCut(const std::vector<lock::Selection>& selected, const pep::Environment& environment)
      : environment_(environment) {
    for (const auto& selection : selected) packages_[selection.package->name] = selection.package;
  }

  void begin(const std::vector<pep::Requirement>& roots) {
    for (const auto& root : roots)
      if (root.marker.is_trivial() || root.marker.evaluate({.environment = environment_})) need(root.name, root.extras);
  }

  Status begin(const lock::LockFile& lock, const std::vector<pep::Name>& groups) {
    for (const auto& text : lock.tool.requirements) {
      PKG_TRY_ASSIGN(const auto requirement, pep::Requirement::parse(text).with("in the lock's list of requirements"));
      const auto holds = [&](std::span<const pep::Name> with) {
        return requirement.marker.evaluate({.environment = environment_, .lock_groups = with, .is_lock_file = true});
      };
      // What holds without any group is the project's own.
      if (!requirement.marker.is_trivial() && holds(groups) && !holds({})) need(requirement.name, requirement.extras);
    }
    return ok_status();
  }

  std::set<const lock::LockedPackage*> run() {
    while (!open_.empty()) {
      const auto* package = open_.back();
      open_.pop_back();
      const auto extras = extras_[package];
      for (const auto& dependency : package->dependencies) {
        const bool holds = dependency.marker.is_trivial() ||
                           dependency.marker.evaluate({.environment = environment_, .extras = extras});
        if (holds) need(dependency.name, dependency.extras);
      }
    }
    return reached_;
  }

 private:
  void need(const pep::Name& name, const std::vector<pep::Name>& extras) {
    const auto found = packages_.find(name);
    if (found == packages_.end()) return;
    auto& known = extras_[found->second];
    const auto before = known.size();
    add_missing(known, extras);
    if (reached_.insert(found->second).second || known.size() > before) open_.push_back(found->second);
  }

  const pep::Environment& environment_;
  std::map<pep::Name, const lock::LockedPackage*> packages_;
  std::map<const lock::LockedPackage*, std::vector<pep::Name>> extras_;
  std::set<const lock::LockedPackage*> reached_;
  std::vector<const lock::LockedPackage*> open_;
};

std::string name_and_version(const lock::LockedPackage& package) {
  return quote(package.version ? cat(package.name.str(), " ", package.version->to_string()) : package.name.str());
}

Result<std::vector<pep::FileHash>> known_hashes(const lock::LockedFile& file) {
  std::vector<pep::FileHash> hashes;
  for (const auto& [algorithm, hex] : file.hashes) {
    const auto known = hash::algorithm_from_name(algorithm);
    if (known && hash::is_strong(*known)) hashes.push_back({*known, to_ascii_lower(hex)});
  }
  if (hashes.empty())
    return make_error(ErrorKind::bad_data,
                      cat("the lock has no hash of ", quote(file.name), " that can be checked: expected sha256"));
  return hashes;
}

// As it is, where the working folder is gone.
stdfs::path absolute_path(const stdfs::path& path) {
  std::error_code failed;
  auto absolute = stdfs::absolute(path, failed);
  return failed ? path : absolute;
}

// A path that is there wins over the address: it needs no network.
std::string address_of(const lock::LockedFile& file, const stdfs::path& folder) {
  if (!file.path.empty()) {
    const auto path = (folder / file.path).lexically_normal();
    if (file.url.empty() || fs::exists(path)) return url::path_to_file_url(absolute_path(path).native());
  }
  return file.url;
}

// A file of a mirror-neutral lock, as the configured indexes have it.
Result<std::string> find_address(const lock::LockedPackage& package, const lock::LockedFile& file, Session& session) {
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(const auto project, index->project(package.name));
  const auto releases = project->releases();
  for (std::size_t i = 0; i < releases.size(); ++i) {
    if (package.version && releases[i].version != *package.version) continue;
    PKG_TRY_ASSIGN(const auto files, project->files(i));
    const auto found = std::ranges::find(files, file.name, &pep::DistFile::file_name);
    if (found != files.end()) return found->url;
  }
  return make_error(ErrorKind::not_found, cat("the lock names ", quote(file.name), " without an address, and it ",
                                              project->found() ? "is not in the index any more" : project->reason()));
}

// A file's name says its version, unless it is an archive that somebody named as they liked.
Result<pep::Version> version_of(const lock::LockedPackage& package, const lock::LockedFile& locked, bool is_wheel) {
  const auto reading = [&] { return cat("in the lock, of ", name_and_version(package)); };
  if (is_wheel) {
    PKG_TRY_ASSIGN(const auto wheel, pep::WheelName::parse(locked.name).with(reading));
    return package.version.value_or(wheel.version);
  }
  if (package.version) return *package.version;
  const auto sdist = pep::SdistName::parse(locked.name, &package.name);
  return sdist ? sdist->version : pep::Version();
}

Result<pep::DistFile> dist_file(const lock::LockedPackage& package, const lock::LockedFile& locked,
                                const LockPlace& place, Session& session) {
  pep::DistFile file;
  file.kind = locked.name.ends_with(".whl") ? pep::DistKind::wheel : pep::DistKind::sdist;
  file.project = package.name;
  PKG_TRY_ASSIGN(file.version, version_of(package, locked, file.kind == pep::DistKind::wheel));
  file.file_name = locked.name;
  PKG_TRY_ASSIGN(file.hashes, known_hashes(locked));
  file.size_bytes = locked.size_bytes;
  file.upload_time = locked.upload_time;
  file.index = package.index;
  file.locked_in = place.name;
  file.url = address_of(locked, place.folder);
  if (file.url.empty()) {
    PKG_TRY_ASSIGN(file.url, find_address(package, locked, session));
  }
  return file;
}

std::string folder_url(const stdfs::path& folder, const LockPlace& place) {
  return url::path_to_file_url((absolute_path(place.folder / folder) / "").lexically_normal().parent_path().native());
}

// A source, by the exact URL of what was locked. A folder has no version in a lock: the tree itself is asked for it
// when it is built.
pep::DistFile source_file(const lock::LockedPackage& package, const LockPlace& place) {
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.project = package.name;
  if (package.version) file.version = *package.version;
  pep::SourceUrl source;
  if (package.vcs) {
    source.kind = pep::SourceUrl::Kind::vcs;
    source.vcs = package.vcs->type;
    source.url = package.vcs->url.empty() ? folder_url(package.vcs->path, place) : package.vcs->url;
    source.revision = package.vcs->commit_id;
    source.subdirectory = package.vcs->subdirectory;
    file.requested_revision = package.vcs->requested_revision;
  } else {
    source.kind = pep::SourceUrl::Kind::folder;
    source.url = folder_url(package.directory->path, place);
    source.subdirectory = package.directory->subdirectory;
    file.editable = package.directory->editable;
  }
  file.url = source.to_string();
  return file;
}

Result<resolver::Pin> pin_of(const lock::Selection& selection, const LockPlace& place, Session& session) {
  const auto& package = *selection.package;
  using enum lock::Selection::Kind;
  resolver::Pin pin;
  pin.name = package.name;
  pin.direct = selection.kind == archive || selection.kind == vcs || selection.kind == directory;
  if (selection.kind == vcs || selection.kind == directory) {
    pin.files.push_back(source_file(package, place));
  } else {
    PKG_TRY_ASSIGN(auto file, dist_file(package, *selection.file, place, session));
    if (selection.kind == archive)
      file.url = pep::with_subdirectory(std::move(file.url), package.archive->subdirectory);
    pin.files.push_back(std::move(file));
  }
  pin.version = pin.best_file().version;
  return pin;
}

}  // namespace

bool is_own_folder(const std::string& path, const LockPlace& place) {
  const auto folder = (place.folder / path / "").lexically_normal();
  return std::ranges::any_of(place.projects,
                             [&](const stdfs::path& project) { return (project / "").lexically_normal() == folder; });
}

Result<lock::SelectOptions> select_options(const SelectionOptions& selection, const lock::LockFile& lock) {
  lock::SelectOptions options;
  PKG_TRY_ASSIGN(auto extras, names_of(selection.extras));
  if (selection.all_extras) add_missing(extras, lock.extras);
  PKG_TRY_ASSIGN(auto groups, names_of(selection.only_groups.empty() ? selection.groups : selection.only_groups));
  PKG_TRY_ASSIGN(const auto excluded, names_of(selection.excluded_groups));
  for (const auto& name : excluded) {
    if (name.str() != "dev") PKG_TRY(lock::check_known_group(lock, name));
  }
  if (selection.only_groups.empty()) {
    if (!selection.no_default_groups) add_missing(groups, lock.default_groups);
    if (selection.all_groups) add_missing(groups, lock.dependency_groups);
  } else {
    extras.clear();
  }
  std::erase_if(groups, [&](const pep::Name& name) { return std::ranges::find(excluded, name) != excluded.end(); });
  options.extras = std::move(extras);
  options.groups = std::move(groups);
  return options;
}

Result<std::vector<lock::Selection>> select_packages(const lock::LockFile& lock, const pep::Target& target,
                                                     const SelectionOptions& selection, LockedSources sources,
                                                     const std::vector<pep::Requirement>* roots) {
  PKG_TRY_ASSIGN(auto options, select_options(selection, lock));
  options.wheels_only = sources == LockedSources::refused;
  PKG_TRY_ASSIGN(auto selected, lock::select(lock, target, options));
  if (selection.only_groups.empty() && roots == nullptr) return selected;
  if (lock.tool.version == 0)
    return make_error(ErrorKind::unsupported,
                      roots == nullptr
                          ? "--only-group needs a lock made by pkg: this one does not say what its groups ask for"
                          : "a part for one member needs a lock made by pkg: this one does not say what needs what",
                      roots == nullptr ? "" : "take all members: --all-packages; or lock again: pkg lock");
  LockCut cut(selected, target.environment);
  if (roots != nullptr)
    cut.begin(*roots);
  else
    PKG_TRY(cut.begin(lock, *options.groups));
  const auto reached = cut.run();
  std::erase_if(selected, [&](const lock::Selection& item) { return !reached.contains(item.package); });
  return selected;
}

Result<LockedPins> pins_of(std::span<const lock::Selection> selected, const LockPlace& place, Session& session) {
  LockedPins result;
  for (const auto& selection : selected) {
    const auto& directory = selection.package->directory;
    if (directory && is_own_folder(directory->path, place)) {
      result.projects.push_back(selection.package->name);
      continue;
    }
    PKG_TRY_ASSIGN(auto pin, pin_of(selection, place, session));
    result.pins.push_back(std::move(pin));
  }
  return result;
}

}  // namespace pkg::ops
