#include "lock/lock_resolution.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "pep/old_metadata.h"
#include "pep/source_url.h"
#include "pep/specifier_relation.h"

namespace pkg::lock {
namespace {

using resolver::Pin;
using resolver::Resolution;

std::string index_url(const std::string& index, const LockHeader& header) {
  for (const auto& [name, url] : header.index_urls)
    if (name == index) return without_credentials(url);
  return url::is_url(index) ? without_credentials(index) : std::string();
}

void drop_address(LockedFile& file) {
  file.url.clear();
  if (file.path == file.name) file.path = cat("./", file.name);  // a bare name would be a file of any index
}

bool has_hash(const Pin& pin) {
  return std::any_of(pin.files.begin(), pin.files.end(),
                     [](const pep::DistFile& file) { return !file.hashes.empty(); });
}

void add_files(const Pin& pin, const LockHeader& header, const std::string& folder, LockedPackage& out) {
  const bool any_hash = has_hash(pin);
  const auto locked = [&](const pep::DistFile& file) {
    LockedFile one = locked_file(file, folder);
    if (header.tool.mirror_neutral) drop_address(one);
    return one;
  };
  // A lock for one target keeps the variant that was chosen there, and what is locked beside is what that needs.
  const auto chosen = pin.files.empty() ? nullptr : pin.files.front().variant;
  const bool is_decided = chosen != nullptr && chosen->label != pep::kNullVariant;
  for (const auto& file : pin.files) {
    if (is_decided && (file.variant == nullptr || file.variant->label != chosen->label)) continue;
    if (file.kind != pep::DistKind::wheel || (any_hash && file.hashes.empty())) continue;  // the standard wants one
    out.wheels.push_back(locked(file));
  }
  if (const auto* sdist = sdist_to_lock(pin)) out.sdist = locked(*sdist);
  std::sort(out.wheels.begin(), out.wheels.end(),
            [](const LockedFile& a, const LockedFile& b) { return a.name < b.name; });
  if (!header.tool.mirror_neutral && !pin.files.empty()) out.index = index_url(pin.files.front().index, header);
}

// Whether each Python the lock is for is accepted. The resolver's forks have already seen to lower
// bounds.
bool is_certain(const pep::SpecifierSet& wanted, const std::optional<pep::SpecifierSet>& lock_python) {
  std::vector<pep::Specifier> others;
  for (const auto& part : wanted.parts())
    if (part.op != pep::Operator::greater_equal && part.op != pep::Operator::greater) others.push_back(part);
  if (others.empty()) return true;
  return lock_python && pep::relation(*lock_python, pep::SpecifierSet::from_parts(std::move(others))).subset;
}

// Installers refuse a package whose Requires-Python does not accept theirs. Upper bounds do not count for universal
// resolutions, so that one that the lock does not promise to meet must not be written.
std::optional<pep::SpecifierSet> requires_python_of(const Pin& pin, const LockHeader& header) {
  std::optional<pep::SpecifierSet> out;
  if (pin.metadata && pin.metadata->has_requires_python)
    out = pin.metadata->requires_python;
  else if (!pin.metadata && !pin.files.empty() && !pin.files.front().requires_python.empty())
    out = pep::read_requires_python(pin.files.front().requires_python);
  if (!out || out->empty() || !is_certain(*out, header.requires_python)) return std::nullopt;
  return out;
}

// Pins of one project stand side by side.
bool has_several(const Resolution& resolution, const Pin& pin) {
  const auto& pins = resolution.pins;
  return (&pin != &pins.front() && (&pin)[-1].name == pin.name) || (&pin != &pins.back() && (&pin)[1].name == pin.name);
}

bool before(const LockedDependency& a, const LockedDependency& b) {
  if (a.name != b.name) return a.name < b.name;
  if (a.version != b.version) return a.version < b.version;
  const auto text_a = a.marker.to_string(), text_b = b.marker.to_string();
  return text_a != text_b ? text_a < text_b : a.extras < b.extras;
}

// As the text reads: what is made of markers by and, or and not may be nested in ways that no text shows.
pep::Marker as_written(const pep::Marker& marker) {
  if (marker.is_trivial()) return marker;
  auto again = pep::Marker::parse(marker.to_string());
  return again ? std::move(again).value() : marker;
}

// For each pin what it needs.
std::vector<std::vector<LockedDependency>> dependencies_of(const Resolution& resolution) {
  std::vector<std::vector<LockedDependency>> out(resolution.pins.size());
  const auto dependency_on = [&](const Pin& pin) {
    LockedDependency dependency;
    dependency.name = pin.name;
    if (has_several(resolution, pin)) dependency.version = pin.version;
    return dependency;
  };
  for (const auto& child : resolution.pins) {
    const auto plain = dependency_on(child);
    for (const auto& edge : child.required_by) {
      if (edge.parent < 0 || &resolution.pins[static_cast<std::size_t>(edge.parent)] == &child) continue;
      auto& dependency = out[static_cast<std::size_t>(edge.parent)].emplace_back(plain);
      dependency.marker = as_written(edge.requirement.marker);
      dependency.extras = edge.requirement.extras;
    }
  }
  for (auto& list : out) {
    std::sort(list.begin(), list.end(), before);
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  return out;
}

LockedPackage locked_package(const Pin& pin, const LockHeader& header, const std::string& folder) {
  LockedPackage out;
  out.name = pin.name;
  out.version = pin.version;
  out.marker = as_written(pin.marker);
  out.requires_python = requires_python_of(pin, header);
  out.extras = pin.extras;
  if (pin.direct && !pin.files.empty())
    add_source(pin.best_file(), folder, out);
  else
    add_files(pin, header, folder, out);
  return out;
}

using Versions = std::vector<pep::Version>;
using Group = std::vector<const LockedPackage*>;

std::map<pep::Name, Group> by_name(const std::vector<LockedPackage>& packages) {
  std::map<pep::Name, Group> out;
  for (const auto& package : packages) out[package.name].push_back(&package);
  return out;
}

Versions versions_of(const Group& group) {
  Versions out;
  for (const auto* package : group)
    if (package->version) out.push_back(*package->version);
  std::sort(out.begin(), out.end(), std::greater<>());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Newest versions are compared, then the oldest: a lock that drops a fork moves in the direction of what is left.
LockChange::Kind kind_of(const Versions& before, const Versions& after) {
  using Kind = LockChange::Kind;
  if (before.empty() || after.empty()) return Kind::changed;
  if (before.front() != after.front()) return before.front() < after.front() ? Kind::upgraded : Kind::downgraded;
  if (before.back() != after.back()) return before.back() < after.back() ? Kind::upgraded : Kind::downgraded;
  return Kind::changed;
}

bool same_entries(const Group& a, const Group& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto* left, const auto* right) { return *left == *right; });
}

}  // namespace

LockFile lock_of(const Resolution& resolution, LockHeader header, const std::string& lock_folder) {
  LockFile out;
  header.tool.version = kLockToolVersion;
  auto dependencies = dependencies_of(resolution);
  for (std::size_t i = 0; i < resolution.pins.size(); ++i) {
    auto& package = out.packages.emplace_back(locked_package(resolution.pins[i], header, lock_folder));
    package.dependencies = std::move(dependencies[i]);
  }
  std::stable_sort(out.packages.begin(), out.packages.end(), [](const LockedPackage& a, const LockedPackage& b) {
    return a.name != b.name ? a.name < b.name : a.version > b.version;
  });
  out.created_by = std::move(header.created_by);
  out.requires_python = std::move(header.requires_python);
  out.environments = std::move(header.environments);
  out.extras = std::move(header.extras);
  out.dependency_groups = std::move(header.dependency_groups);
  out.default_groups = std::move(header.default_groups);
  out.tool = std::move(header.tool);
  std::sort(out.tool.options.begin(), out.tool.options.end());
  return out;
}

const pep::DistFile* sdist_to_lock(const Pin& pin) {
  const bool any_hash = has_hash(pin);
  const pep::DistFile* chosen = nullptr;
  for (const auto& file : pin.files) {
    if (file.kind == pep::DistKind::wheel || (any_hash && file.hashes.empty())) continue;
    if (chosen == nullptr || !chosen->file_name.ends_with(".tar.gz")) chosen = &file;
  }
  return chosen;
}

Status check_hashes(const LockFile& lock) {
  const auto is_bare = [](const LockedFile& file) { return file.hashes.empty(); };
  for (const auto& package : lock.packages) {
    const auto bare = std::find_if(package.wheels.begin(), package.wheels.end(), is_bare);
    const LockedFile* file = bare != package.wheels.end() ? &*bare : nullptr;
    if (package.sdist && is_bare(*package.sdist)) file = &*package.sdist;
    if (package.archive && is_bare(package.archive->file)) file = &package.archive->file;
    if (file != nullptr)
      return make_error(ErrorKind::unsupported,
                        cat("no hash is known of ", quote(file->name), ", and a lock file needs one"),
                        "the index that has it announces none");
  }
  return ok_status();
}

std::vector<resolver::Preference> preferences_of(const LockFile& lock) {
  std::vector<resolver::Preference> out;
  for (const auto& package : lock.packages)
    if (package.version) out.push_back({package.name, *package.version, package.marker});
  return out;
}

std::map<std::string, std::string> commits_of(const LockFile& lock, const std::set<pep::Name>& lifted) {
  std::map<std::string, std::string> out;
  const auto add = [&](const LockedPackage& package) {
    if (!package.vcs || package.vcs->url.empty() || lifted.contains(package.name)) return;
    pep::SourceUrl asked;
    asked.kind = pep::SourceUrl::Kind::vcs;
    asked.vcs = package.vcs->type;
    asked.url = package.vcs->url;
    asked.revision = package.vcs->requested_revision;
    asked.subdirectory = package.vcs->subdirectory;
    out.emplace(asked.to_string(), package.vcs->commit_id);
  };
  std::for_each(lock.packages.begin(), lock.packages.end(), add);
  std::for_each(lock.tool.build_packages.begin(), lock.tool.build_packages.end(), add);
  return out;
}

namespace {

std::vector<LockChange> difference(const std::vector<LockedPackage>& before, const std::vector<LockedPackage>& after) {
  const auto old_groups = by_name(before), new_groups = by_name(after);
  std::vector<LockChange> out;
  for (const auto& [name, group] : old_groups) {
    const auto found = new_groups.find(name);
    if (found == new_groups.end()) {
      out.push_back({LockChange::Kind::removed, name, versions_of(group), {}});
    } else if (!same_entries(group, found->second)) {
      auto old_versions = versions_of(group), new_versions = versions_of(found->second);
      const auto kind = kind_of(old_versions, new_versions);
      out.push_back({kind, name, std::move(old_versions), std::move(new_versions)});
    }
  }
  for (const auto& [name, group] : new_groups)
    if (!old_groups.contains(name)) out.push_back({LockChange::Kind::added, name, {}, versions_of(group)});
  std::sort(out.begin(), out.end(), [](const LockChange& a, const LockChange& b) { return a.name < b.name; });
  return out;
}

}  // namespace

std::vector<LockChange> difference(const LockFile& before, const LockFile& after) {
  return difference(before.packages, after.packages);
}

std::vector<LockChange> build_difference(const LockFile& before, const LockFile& after) {
  return difference(before.tool.build_packages, after.tool.build_packages);
}

}  // namespace pkg::lock
