#include "ops/install/upgrade_environment.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"
#include "ops/environment/environment_choice.h"
#include "ops/environment/visible_packages.h"
#include "ops/install/sync.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

using Dists = std::vector<venv::InstalledDist>;

// What is upgraded comes from an index; other tools' old formats cannot be replaced.
bool is_movable(const venv::InstalledDist& dist) {
  return dist.kind == venv::InstalledKind::dist_info && !venv::read_direct_url(dist);
}

pep::Requirement named(const venv::InstalledDist& dist) {
  pep::Requirement requirement;
  requirement.name = dist.name;
  requirement.name_as_written = dist.name.str();
  requirement.origin = Origin{.file = dist.info.string(), .what = {}, .line = 0, .column = 0};
  return requirement;
}

// Stays in the version that is there.
pep::Requirement pinned(const venv::InstalledDist& dist) {
  auto requirement = named(dist);
  if (auto pin = pep::Specifier::try_parse(pep::Operator::equal, dist.version.to_string()))
    requirement.specifiers = pep::SpecifierSet::from_parts({std::move(*pin)});
  return requirement;
}

Status check_names(const std::vector<std::string>& names, const Dists& dists) {
  for (const auto& text : names) {
    PKG_TRY_ASSIGN(const auto requirement, pep::Requirement::parse(text));
    const auto found = std::ranges::find(dists, requirement.name, &venv::InstalledDist::name);
    if (found == dists.end())
      return make_error(ErrorKind::not_found, cat(quote(requirement.name.str()), " is not installed"),
                        cat("`pkg install ", requirement.name.str(), "` installs it"));
    if (is_movable(*found)) continue;
    const auto source = venv::read_direct_url(*found);
    return make_error(
        ErrorKind::usage,
        cat(quote(requirement.name.str()), " came from ",
            source ? quote(url::redact(source->url)) : std::string("an old format"), ", and not from an index"),
        "`pkg install` it again from there");
  }
  return ok_status();
}

// What the environment was made for, what is named now, and what stays in the version that is there. Seeds (pip) do not
// show that somebody marks what was asked for.
void add_installed(const Dists& dists, const std::set<pep::Name>& named_now, Inputs& inputs, InstallOptions& install) {
  const bool has_marks =
      std::ranges::any_of(dists, [](const auto& dist) { return !is_seed(dist.name) && venv::is_requested(dist); });
  for (const auto& dist : dists) {
    const bool is_requested = venv::is_requested(dist);
    const bool is_root = is_requested || named_now.contains(dist.name) || (!has_marks && !is_seed(dist.name));
    const bool moves = is_movable(dist);
    if (is_root && dist.kind == venv::InstalledKind::dist_info)
      inputs.requirements.push_back(moves ? named(dist) : pinned(dist));
    else if (!moves)
      inputs.constraints.push_back(pinned(dist));
    if (!is_requested) install.not_requested.insert(dist.name);
  }
}

}  // namespace

Result<InstallReport> upgrade_environment(const EnvironmentUpgradeOptions& options, Session& given) {
  auto install = options.install;
  PKG_TRY_ASSIGN(auto inputs, read_inputs(install.inputs, given));
  auto& session = session_for(inputs, given);
  PKG_TRY_ASSIGN(install.chosen, choose_environment(install.environment, WhenMissing::fail,
                                                    install.dry_run ? Access::plan : Access::write, session));
  PKG_TRY_ASSIGN(const auto packages, visible_packages(install.chosen->environment, session));
  PKG_TRY(check_names(options.names, packages.own));
  add_installed(packages.own, upgraded_names(options.names), inputs, install);
  install.resolve.upgrade = options.names.empty();
  install.resolve.upgrade_strategy = UpgradeStrategy::eager;
  auto& upgraded = install.resolve.upgrade_packages;
  upgraded.insert(upgraded.end(), options.names.begin(), options.names.end());
  install.uses_project_builds = false;
  return install_inputs(std::move(inputs), install, session);
}

}  // namespace pkg::ops
