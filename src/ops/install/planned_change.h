#pragma once
// What install and sync share between a set of pins and the report: what is wanted, and the lines that describe a plan.

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "ops/install/install.h"
#include "pep/direct_url.h"
#include "resolver/resolution.h"
#include "venv/site.h"
#include "venv/transaction/plan.h"

namespace pkg::ops {

// pins[i] is what dists[i] comes from.
struct Wanted {
  std::vector<const resolver::Pin*> pins;
  std::vector<venv::WantedDist> dists;
  std::set<pep::Name> names() const;
};
// Pins without files are left out. `pins` outlive the answer.
Wanted wanted_from(std::span<const resolver::Pin> pins, const std::set<pep::Name>& requested);

// Each of them is to be the very file of its pin (a lock), or one of those that `required` has for it.
void want_own_files(Wanted& wanted);
void want_required_files(Wanted& wanted, const RequiredHashes& required);

// direct_url.json (PEP 610) of what came from a URL; nullopt: from an index.
std::optional<pep::DirectUrl> direct_url_of(const resolver::Pin& pin);

// Sorted by name.
std::vector<ChangedDist> changes_of(const venv::InstallPlan& plan, const Wanted& wanted,
                                    std::span<const venv::InstalledDist> installed);

// One warning for each distribution that is replaced and was not whole.
void tell_of_incomplete(const venv::InstallPlan& plan, std::span<const venv::InstalledDist> installed,
                        const std::set<pep::Name>& wanted, const venv::Incomplete& incomplete,
                        std::vector<std::string>& warnings);

// Where a plan removes what is not wanted: what environments are seeded with stays, and what is named here.
void keep_seeds(venv::InstallPlan& plan, std::span<const venv::InstalledDist> installed,
                const std::set<pep::Name>& wanted, const std::set<pep::Name>& also = {});

// `packages` are the names of --reinstall-package. bad_data: one is no name.
Result<venv::PlanOptions> plan_options(venv::Reinstall reinstall, const std::vector<std::string>& packages,
                                       venv::Extraneous extraneous);

}  // namespace pkg::ops
