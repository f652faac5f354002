#include "lock/selection.h"

#include <algorithm>

#include "base/text.h"
#include "pep/requirement.h"

namespace pkg::lock {
namespace {

std::string joined(const std::vector<pep::Name>& names) {
  std::string out;
  for (const auto& name : names) append(out, out.empty() ? "" : ", ", name.str());
  return out;
}

Status check_known(const std::vector<pep::Name>& asked, const std::vector<pep::Name>& known, std::string_view what) {
  for (const auto& name : asked) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return make_error(ErrorKind::not_found, cat("the lock has no ", what, ' ', quote(name.str())),
                      known.empty() ? cat("it was made without any ", what) : cat("it has ", joined(known)));
  }
  return ok_status();
}

}  // namespace

Status check_known_group(const LockFile& lock, const pep::Name& group) {
  return check_known({group}, lock.dependency_groups, "dependency group");
}

Result<ChosenParts> chosen_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                 const std::optional<std::vector<pep::Name>>& groups) {
  if (extras) PKG_TRY(check_known(*extras, lock.extras, "extra"));
  if (groups) PKG_TRY(check_known(*groups, lock.dependency_groups, "dependency group"));
  return ChosenParts{extras.value_or(std::vector<pep::Name>()), groups.value_or(lock.default_groups)};
}

Result<ChosenParts> installable_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                      const std::optional<std::vector<pep::Name>>& groups) {
  PKG_TRY_ASSIGN(auto parts, chosen_parts(lock, extras, groups));
  for (const auto& exclusive : lock.tool.conflicts) {
    std::string chosen;
    std::size_t count = 0;
    for (const auto& item : exclusive) {
      const auto& names = item.is_group ? parts.groups : parts.extras;
      if (std::find(names.begin(), names.end(), item.name) == names.end()) continue;
      append(chosen, count++ == 0 ? "" : " and ", item.is_group ? "group " : "extra ", quote(item.name.str()));
    }
    if (count > 1)
      return make_error(ErrorKind::conflict, cat(chosen, " cannot be installed together: [tool.pkg] conflicts says so"),
                        "ask for one of them");
  }
  return parts;
}

Status check_group_pythons(const LockFile& lock, const std::vector<pep::Name>& groups, const pep::Version& python) {
  for (const auto& [group, pythons] : lock.tool.group_pythons) {
    if (std::find(groups.begin(), groups.end(), group) == groups.end() || pythons.contains(python)) continue;
    const auto& defaults = lock.default_groups;
    const bool is_default = std::find(defaults.begin(), defaults.end(), group) != defaults.end();
    return make_error(
        ErrorKind::conflict,
        cat("the dependency group ", quote(group.str()), " needs Python ", pythons.to_string(), ", and this is Python ",
            python.to_string()),
        is_default ? cat("it is a default group: --no-group ", group.str(),
                         " leaves it out, --no-default-groups all of them; or use another Python: --python")
                   : std::string("leave the group out (add and remove: --no-sync), or use another Python: --python"));
  }
  return ok_status();
}

pep::SpecifierSet pythons_of_groups(const LockFile& lock, const std::vector<pep::Name>& groups) {
  pep::SpecifierSet all;
  for (const auto& [group, pythons] : lock.tool.group_pythons)
    if (std::find(groups.begin(), groups.end(), group) != groups.end()) all = all.intersect(pythons);
  return all;
}

std::vector<pep::Name> root_names(const LockFile& lock, const ChosenParts& parts) {
  std::vector<pep::Name> out;
  for (const auto& text : lock.tool.requirements) {
    const auto requirement = pep::Requirement::parse(text);
    if (requirement && decide_parts(requirement->marker, parts)) out.push_back(requirement->name);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace pkg::lock
