#include "lock/requirements_export.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "lock/partial_marker.h"
#include "lock/requirements_lines.h"
#include "lock/selection.h"
#include "pep/direct_url.h"
#include "pep/source_url.h"
#include "resolver/marker_space.h"

namespace pkg::lock {
namespace {

std::string extras_text(const resolver::Pin& pin, const RequirementsExportOptions& options) {
  if (!options.extras || pin.extras.empty()) return {};
  std::string text;
  for (const auto& extra : pin.extras) append(text, text.empty() ? "[" : ",", extra.str());
  return text + "]";
}

// The revision that a requirement of the root asked to be checked out and installed in place; empty: there is none.
std::string editable_revision(const resolver::Pin& pin) {
  for (const auto& edge : pin.required_by) {
    const auto source = pep::SourceUrl::parse(edge.requirement.url);
    if (source && source->kind == pep::SourceUrl::Kind::vcs) return pep::strip_credentials(edge.requirement.url);
  }
  return {};
}

// As pip takes it: editables without a name, what was written as a path as that path.
std::string direct_requirement(const resolver::Pin& pin, const RequirementsExportOptions& options) {
  const auto& file = pin.best_file();
  const auto extras = extras_text(pin, options);
  if (file.editable) {
    if (const auto revision = editable_revision(pin); !revision.empty())
      return cat("-e ", revision, revision.find('#') == std::string::npos ? "#egg=" : "&egg=", pin.name.str(), extras);
  }
  const auto path = options.paths.find(file.url);
  if (path != options.paths.end()) return cat(file.editable ? "-e " : "", path->second, extras);
  if (file.editable) return cat("-e ", file.url, extras);
  return cat(pin.name.str(), extras, " @ ", pep::strip_credentials(file.url));
}

std::string requirement_of(const resolver::Pin& pin, const RequirementsExportOptions& options) {
  if (pin.direct && !pin.files.empty()) return direct_requirement(pin, options);
  return cat(pin.name.str(), extras_text(pin, options), "==", pin.version.to_string());
}

std::string left_out_text(const resolver::Resolution& resolution, const std::set<pep::Name>& names) {
  std::string text;
  for (const auto& pin : resolution.pins) {
    if (!names.contains(pin.name) || text.find(cat("# ", pin.name.str(), "\n")) != std::string::npos) continue;
    append(text, text.empty() ? "\n# Left out:\n" : "", "# ", pin.name.str(), "\n");
  }
  return text;
}

// The strongest of a file is enough; sha256 where there is one.
// Of wheel variants those of the one that was chosen: what the others need is not in the list.
std::vector<std::string> hashes_of(const resolver::Pin& pin) {
  std::vector<std::string> hashes;
  for (const auto& file : pin.files) {
    if (file.variant_label() != pin.files.front().variant_label()) continue;
    const auto* best = file.sha256();
    for (const auto& one : file.hashes)
      if (best == nullptr && hash::is_strong(one.algorithm)) best = &one;
    if (best != nullptr) hashes.push_back(cat(hash::name(best->algorithm), ":", best->hex));
  }
  return hashes;
}

// Who asked for it: other pins by name, requirements of the root by the place they stand in.
std::vector<std::string> parents_of(const resolver::Resolution& resolution, const resolver::Pin& pin) {
  std::vector<std::string> parents;
  for (const auto& edge : pin.required_by) {
    if (edge.parent >= 0) {
      parents.push_back(resolution.pins[static_cast<std::size_t>(edge.parent)].name.str());
    } else if (!edge.requirement.origin.file.empty()) {
      parents.push_back(cat("-r ", edge.requirement.origin.file));
    }
  }
  return parents;
}

// A path as pip tells it from a name.
std::string as_path(const std::string& path) {
  const bool is_plain = !path.starts_with('/') && !path.starts_with('.') && path.find(':') == std::string::npos;
  return is_plain ? cat("./", path) : path;
}

std::string requirement_of(const LockedPackage& package) {
  const std::string named = cat(package.name.str(), " @ ");
  if (package.directory) {
    std::string path = as_path(package.directory->path);
    if (!package.directory->subdirectory.empty()) append(path, '/', package.directory->subdirectory);
    return package.directory->editable ? cat("-e ", path) : path;
  }
  if (package.vcs) {
    const std::string& place = package.vcs->url.empty() ? package.vcs->path : package.vcs->url;
    return pep::with_subdirectory(cat(named, package.vcs->type, '+', place, '@', package.vcs->commit_id),
                                  package.vcs->subdirectory);
  }
  if (package.archive) {
    const LockedFile& file = package.archive->file;
    return file.url.empty() ? as_path(file.path)
                            : pep::with_subdirectory(cat(named, file.url), package.archive->subdirectory);
  }
  return package.version ? cat(package.name.str(), "==", package.version->to_string()) : package.name.str();
}

// pip knows these; the strongest of a file is enough.
std::string best_hash(const LockedFile& file) {
  for (const std::string_view algorithm : {"sha256", "sha512", "sha384"}) {
    for (const auto& [known, hex] : file.hashes)
      if (known == algorithm) return cat(algorithm, ':', hex);
  }
  return {};
}

std::vector<std::string> hashes_of(const LockedPackage& package) {
  std::vector<std::string> out;
  const auto add = [&](const LockedFile& file) {
    auto hash = best_hash(file);
    if (!hash.empty()) out.push_back(std::move(hash));
  };
  std::for_each(package.wheels.begin(), package.wheels.end(), add);
  if (package.sdist) add(*package.sdist);
  if (package.archive) add(package.archive->file);
  return out;
}

struct Exported {
  const LockedPackage* package;
  pep::Marker marker;
};

// What the choice can install, with markers that say nothing about the choice, nor what the whole lock says already.
std::vector<Exported> exported(const LockFile& lock, const ChosenParts& parts) {
  resolver::MarkerSpace space;
  resolver::MarkerSet universe = space.known_platforms();
  if (lock.requires_python) universe = space.both(universe, space.of_python(*lock.requires_python));
  std::vector<Exported> out;
  for (const auto& package : lock.packages) {
    auto left = decide_parts(package.marker, parts);
    if (!left) continue;
    if (*left == package.marker) {
      out.push_back({&package, package.marker});
      continue;
    }
    const auto set = space.of(*left);
    if (space.disjoint(set, universe)) continue;
    out.push_back({&package, space.marker(space.simplify(set, universe))});
  }
  return out;
}

// Who depends on what, by the name of what.
using Parents = std::unordered_map<pep::Name, std::vector<std::pair<const LockedPackage*, const LockedDependency*>>>;

Parents parents_by_name(const std::vector<Exported>& all) {
  Parents parents;
  for (const auto& [parent, marker] : all)
    for (const auto& dependency : parent->dependencies) parents[dependency.name].emplace_back(parent, &dependency);
  return parents;
}

std::vector<std::string> parents_of(const Parents& parents, const LockedPackage& package,
                                    const std::vector<pep::Name>& roots, const LockExportChoice& choice) {
  std::vector<std::string> out;
  if (std::find(roots.begin(), roots.end(), package.name) != roots.end()) {
    if (const auto askers = choice.askers.find(package.name); askers != choice.askers.end())
      out = askers->second;
    else if (!choice.project.empty())
      out.push_back(choice.project);
  }
  const auto known = parents.find(package.name);
  if (known == parents.end()) return out;
  for (const auto& [parent, dependency] : known->second)
    if (names(*dependency, package)) out.push_back(parent->name.str());
  return out;
}

// As pip takes them, the first as the main one.
std::vector<std::string> index_lines(const std::vector<Exported>& all, const std::string& first) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& url) {
    if (url.empty()) return;
    const auto option = lines.empty() ? "--index-url " : "--extra-index-url ";
    const auto is_known = [&](const std::string& line) { return line.ends_with(cat(' ', url)); };
    if (std::ranges::none_of(lines, is_known)) lines.push_back(cat(option, url));
  };
  add(first);
  for (const auto& [package, marker] : all) add(package->index);
  return lines;
}

}  // namespace

std::string requirements_text(const resolver::Resolution& resolution, const RequirementsExportOptions& options) {
  std::vector<PinnedLine> lines;
  for (const auto& pin : resolution.pins) {
    if (options.leave_out.contains(pin.name)) continue;
    auto& line = lines.emplace_back();
    line.requirement = requirement_of(pin, options);
    line.marker = pin.marker.to_string();
    if (options.hashes) line.hashes = hashes_of(pin);
    if (options.annotate) line.parents = parents_of(resolution, pin);
  }
  return requirements_lines(std::move(lines), options.header, options.style, options.options) +
         left_out_text(resolution, options.leave_out);
}

Result<std::string> requirements_text(const LockFile& lock, const LockExportChoice& choice,
                                      const RequirementsExportOptions& options) {
  PKG_TRY_ASSIGN(const auto parts, installable_parts(lock, choice.extras, choice.groups));
  const auto all = exported(lock, parts);
  const auto parents = options.annotate ? parents_by_name(all) : Parents();
  const auto roots = root_names(lock, parts);
  std::vector<PinnedLine> lines;
  for (const auto& [package, marker] : all) {
    if (std::find(choice.leave_out.begin(), choice.leave_out.end(), package->name) != choice.leave_out.end()) continue;
    auto& line = lines.emplace_back();
    line.requirement = requirement_of(*package);
    line.marker = marker.to_string();
    if (options.hashes) {
      line.hashes = hashes_of(*package);
      if (line.hashes.empty())
        return make_error(
            ErrorKind::unsupported,
            cat("the lock has no hash of ", quote(package->name.str()), ", so that pip would refuse the file"),
            "export without hashes, or leave this package out");
    }
    if (options.annotate) line.parents = parents_of(parents, *package, roots, choice);
  }
  const auto indexes = choice.first_index ? index_lines(all, *choice.first_index) : std::vector<std::string>();
  return requirements_lines(std::move(lines), options.header, AnnotationStyle::split, indexes);
}

}  // namespace pkg::lock
