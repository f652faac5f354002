#include "ops/solve/solve.h"

#include <algorithm>
#include <bit>
#include <set>

#include "base/text.h"
#include "index/name_hint.h"
#include "ops/inputs/hash_mode.h"
#include "ops/solve/project_status.h"
#include "resolver/resolve.h"

namespace pkg::ops {

Result<std::set<pep::Name>> lift_upgrades(const std::vector<std::string>& upgrade_packages,
                                          resolver::Problem& problem) {
  std::set<pep::Name> names;
  for (const auto& text : upgrade_packages) {
    PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(text));
    requirement.origin = Origin::command_line();
    names.insert(requirement.name);
    if (!requirement.specifiers.empty()) problem.constraints.push_back(std::move(requirement));
  }
  return names;
}

Result<resolver::Problem> make_problem(const Inputs& inputs, const ResolveOptions& options, const pep::Target& target,
                                       std::span<const resolver::Preference> preferred) {
  resolver::Problem problem;
  problem.requirements = inputs.requirements;
  problem.constraints = inputs.constraints;
  problem.overrides = inputs.overrides;
  problem.excludes = inputs.excludes;
  problem.targets = {target};
  problem.policy = options.policy;
  if (inputs.prereleases == true) problem.policy.prereleases = resolver::Prereleases::allow;
  if (inputs.prereleases == false) problem.policy.prereleases = resolver::Prereleases::disallow;
  problem.policy.prereleases_of.insert(inputs.prereleases_of.begin(), inputs.prereleases_of.end());
  if (inputs.prefer_binary) problem.policy.prefer_binary = true;
  for (const auto& option : inputs.format)
    PKG_TRY(add_format_control(option.value, option.only_binary, problem.policy.format));
  problem.policy.hashes = inputs.hashes;
  problem.policy.require_hashes = inputs.require_hashes;
  PKG_TRY_ASSIGN(auto names, lift_upgrades(options.upgrade_packages, problem));
  if (options.upgrade) {
    for (const auto& requirement : inputs.requirements) names.insert(requirement.name);
  }
  const bool keep_none = options.upgrade && options.upgrade_strategy == UpgradeStrategy::eager;
  for (const auto& preference : preferred) {
    if (!keep_none && !names.contains(preference.name)) problem.preferences.push_back(preference);
  }
  return problem;
}

namespace {

// Slips of the finger in what was asked for: projects that no index has, and whose name is near to one that was seen
// before.
void suggest_names(const resolver::Problem& problem, LiveSource& source, const Session& session, Error& error) {
  std::set<pep::Name> seen;
  for (const auto& requirement : problem.requirements) {
    if (!requirement.url.empty() || !seen.insert(requirement.name).second) continue;
    const auto listing = source.listing(requirement.name);
    if (!listing || (*listing)->found) continue;
    const auto close = index::nearest_cached_project(session.settings(), requirement.name);
    if (close && error.hint.find(quote(*close)) == std::string::npos)
      append(error.hint, error.hint.empty() ? "" : "\n", "did you mean ", quote(*close), "?");
  }
}

// What takes long is seen to be alive; with -v, in a log, at ever longer intervals.
void tell_rounds(std::uint64_t rounds, std::size_t decided, Reporter& reporter) {
  const auto text = cat(rounds, " rounds, ", decided, " choices so far");
  reporter.step("Resolving", text, 0, 0);
  if (std::has_single_bit(rounds)) reporter.note(cat("still resolving: ", text));
}

}  // namespace

std::vector<pep::Name> required_names(std::span<const pep::Requirement> requirements) {
  std::vector<pep::Name> names;
  for (const auto& requirement : requirements) {
    if (requirement.url.empty()) names.push_back(requirement.name);
  }
  return names;
}

Result<resolver::Resolution> solve(const resolver::Problem& problem, LiveSource& source, Session& session) {
  source.want_listings(required_names(problem.requirements));
  if (!problem.policy.hashes.empty()) source.require_hashes(problem.policy.hashes);
  source.tell_progress(
      [&](std::uint64_t rounds, std::size_t decided) { tell_rounds(rounds, decided, session.reporter()); });
  PKG_TRY_ASSIGN(auto outcome, resolver::resolve(problem, source, &session.cancel()));
  if (auto* conflict = std::get_if<resolver::Conflict>(&outcome)) {
    Error error = make_error(ErrorKind::conflict, std::move(conflict->headline), std::move(conflict->hint));
    for (const auto line : split_lines(conflict->explanation)) error.context.emplace_back(line);
    suggest_names(problem, source, session, error);
    return error;
  }
  PKG_TRY(refuse_quarantined(problem, std::get<resolver::Resolution>(outcome), source));
  if (problem.policy.require_hashes) {
    const auto stays = [&](const resolver::Pin& pin) {
      return !pin.direct && source.is_installed(pin.name, pin.version);
    };
    PKG_TRY(check_resolved_hashes(problem, std::get<resolver::Resolution>(outcome), stays));
  }
  return std::get<resolver::Resolution>(std::move(outcome));
}

}  // namespace pkg::ops
