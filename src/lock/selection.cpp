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

Result<ChosenParts> chosen_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                 const std::optional<std::vector<pep::Name>>& groups) {
  if (extras) PKG_TRY(check_known(*extras, lock.extras, "extra"));
  if (groups) PKG_TRY(check_known(*groups, lock.dependency_groups, "dependency group"));
  return ChosenParts{extras.value_or(std::vector<pep::Name>()), groups.value_or(lock.default_groups)};
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
