#include "lock/select.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "lock/selection.h"
#include "pep/filename.h"
#include "pep/variant.h"

namespace pkg::lock {
namespace {

using Names = std::vector<pep::Name>;

bool holds(const Names& names, const pep::Name& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status check_target(const LockFile& lock, const pep::Target& target, const pep::MarkerContext& context) {
  if (lock.requires_python && !lock.requires_python->contains(target.python))
    return make_error(ErrorKind::conflict, cat("the lock is for Python ", lock.requires_python->to_string(),
                                               ", and this is Python ", target.python.to_string()));
  const auto& environments = lock.environments;
  const auto is_met = [&](const pep::Marker& marker) { return marker.evaluate(context); };
  if (!lock.no_environments && (environments.empty() || std::any_of(environments.begin(), environments.end(), is_met)))
    return ok_status();
  std::string list;
  for (const auto& marker : environments) append(list, list.empty() ? "" : "; ", marker.to_string());
  return make_error(ErrorKind::conflict, "the lock is not for this environment",
                    list.empty() ? "its list of environments is empty" : cat("it is for: ", list));
}

std::string title(const LockedPackage& package) {
  return package.version ? cat(package.name.str(), ' ', package.version->to_string()) : package.name.str();
}

bool is_only_label(const LockedPackage& package, std::string_view label) {
  return std::ranges::all_of(package.wheels, [&](const LockedFile& wheel) {
    const auto parts = pep::split_wheel_name(wheel.name);
    return parts && parts->label == label;
  });
}

// The wheel whose tags are the target's best; of several, the one with the highest build number, then the first. The
// null variant goes before wheels that are no variant. Among other variants a lock does not choose
// (docs/guides/variants.md): one counts where all wheels are of it, which then was chosen when the lock was made.
const LockedFile* best_wheel(const LockedPackage& package, const pep::Target& target) {
  const LockedFile* best = nullptr;
  std::uint32_t best_rank = 0;
  std::string_view best_build;
  bool best_is_null = false;
  const auto build_of = [](std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    return pep::BuildTag{parse_u64(text.substr(0, digits)), std::string(text.substr(digits))};
  };
  for (const auto& wheel : package.wheels) {
    const auto parts = pep::split_wheel_name(wheel.name);
    if (!parts) continue;
    const bool is_null = parts->label == pep::kNullVariant;
    if (!parts->label.empty() && !is_null && !is_only_label(package, parts->label)) continue;
    const auto rank = target.tags ? target.tags->rank(parts->interpreters, parts->abis, parts->platforms) : 0;
    if (!rank) continue;
    if (best != nullptr && is_null != best_is_null) {
      if (best_is_null) continue;
    } else if (best != nullptr) {
      if (*rank > best_rank || (*rank == best_rank && build_of(parts->build) <= build_of(best_build))) continue;
    }
    best = &wheel;
    best_is_null = is_null;
    best_rank = *rank;
    best_build = parts->build;
  }
  return best;
}

Error no_usable_file(const LockedPackage& package, const SelectOptions& options) {
  std::string_view why_no_sdist = " and no sdist";
  if (package.sdist) why_no_sdist = options.wheels_only ? ", and building its sdist is not allowed" : "";
  std::string hint;
  for (std::size_t i = 0; i < package.wheels.size() && i < 5; ++i)
    append(hint, i == 0 ? "it has " : ", ", package.wheels[i].name);
  if (package.wheels.size() > 5) append(hint, " and ", package.wheels.size() - 5, " more");
  return make_error(ErrorKind::conflict,
                    cat("the lock has no wheel of ", quote(title(package)), " for this environment", why_no_sdist),
                    hint);
}

Error is_source(const LockedPackage& package, std::string_view what) {
  return make_error(ErrorKind::unsupported,
                    cat("the lock has ", quote(title(package)), " as ", what, ", and building it is not allowed"));
}

Result<Selection> choose_tree(const LockedPackage& package, const SelectOptions& options) {
  using Kind = Selection::Kind;
  if (package.archive) {
    const LockedFile& file = package.archive->file;
    if (options.wheels_only && !file.name.ends_with(".whl")) return is_source(package, "an archive");
    return Selection{&package, Kind::archive, &file};
  }
  if (options.wheels_only) return is_source(package, package.vcs ? "a version control revision" : "a folder");
  return Selection{&package, package.vcs ? Kind::vcs : Kind::directory, nullptr};
}

Result<Selection> choose(const LockedPackage& package, const pep::Target& target, const SelectOptions& options) {
  if (package.archive || package.vcs || package.directory) return choose_tree(package, options);
  const bool may_build = package.sdist && !options.wheels_only;
  if (may_build && holds(options.prefer_sdist, package.name))
    return Selection{&package, Selection::Kind::sdist, &*package.sdist};
  if (const auto* wheel = best_wheel(package, target)) return Selection{&package, Selection::Kind::wheel, wheel};
  if (may_build) return Selection{&package, Selection::Kind::sdist, &*package.sdist};
  return no_usable_file(package, options);
}

}  // namespace

Result<std::vector<Selection>> select(const LockFile& lock, const pep::Target& target, const SelectOptions& options) {
  PKG_TRY_ASSIGN(const auto parts, installable_parts(lock, options.extras, options.groups));
  const pep::MarkerContext context{.environment = target.environment,
                                   .lock_extras = parts.extras,
                                   .lock_groups = parts.groups,
                                   .is_lock_file = true};
  PKG_TRY(check_target(lock, target, context));
  PKG_TRY(check_group_pythons(lock, parts.groups, target.python));
  std::vector<Selection> out;
  std::map<pep::Name, const LockedPackage*> chosen;
  for (const auto& package : lock.packages) {
    if (!package.marker.evaluate(context)) continue;
    if (package.requires_python && !package.requires_python->contains(target.python))
      return make_error(ErrorKind::conflict,
                        cat(quote(title(package)), " of the lock needs Python ", package.requires_python->to_string(),
                            ", and this is Python ", target.python.to_string()));
    const auto [at, is_new] = chosen.emplace(package.name, &package);
    if (!is_new)
      return make_error(ErrorKind::conflict, cat("the lock has two entries of one project for this environment: ",
                                                 quote(title(*at->second)), " and ", quote(title(package))));
    PKG_TRY_ASSIGN(const auto selection, choose(package, target, options));
    out.push_back(selection);
  }
  return out;
}

}  // namespace pkg::lock
