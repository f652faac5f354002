#include "ops/install/sync.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ops/inputs/hash_mode.h"
#include "ops/install/install.h"
#include "ops/install/sync_environment.h"
#include "venv/consistency.h"

namespace pkg::ops {
namespace {

Status check_pinned(const Inputs& inputs) {
  for (const auto& requirement : inputs.requirements) {
    if (!is_pinned(requirement)) {
      return make_error(
          ErrorKind::bad_data,
          cat(quote(requirement.to_string()), " (", requirement.origin.to_string(), ") is not pinned with =="),
          "pin it first: pkg compile FILE -o requirements.txt");
    }
  }
  return ok_status();
}

}  // namespace

bool is_seed(const pep::Name& name) {
  constexpr std::array<std::string_view, 3> kSeeds{"pip", "setuptools", "wheel"};
  return std::ranges::find(kSeeds, name.str()) != kSeeds.end();
}

// Seeds are not removed for not being listed, as pip-sync has it.
bool is_extraneous(const venv::InstalledDist& dist, const std::set<pep::Name>& wanted) {
  return !wanted.contains(dist.name) && !is_seed(dist.name);
}

Result<InstallReport> sync(InstallOptions options, Session& session) {
  PKG_TRY_ASSIGN(const auto inputs, read_inputs(options.inputs, session));
  PKG_TRY(check_pinned(inputs));
  options.extraneous = venv::Extraneous::remove;
  options.resolve.policy.no_deps = true;
  auto& own = session_for(inputs, session);
  LockUse use;
  use.dry_run = options.dry_run;
  PKG_TRY_ASSIGN(const auto where, SyncEnvironment::find(options.environment, use, nullptr, own));
  PKG_TRY_ASSIGN(options.chosen,
                 where.settle(where.requires_python(), options.dry_run ? Access::plan : Access::write, own));
  return install_inputs(inputs, options, own);
}

}  // namespace pkg::ops
