#include "ops/solve/solve.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "index/name_hint.h"
#include "ops/inputs/hash_mode.h"
#include "ops/solve/name_words.h"
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
  problem.upgraded.insert(names.begin(), names.end());
  return names;
}

Status add_index_cut_offs(const index::Settings& settings, resolver::Policy& policy) {
  for (const auto& index : settings.indexes) {
    const auto& text = index.rules.exclude_newer;
    if (text.empty()) continue;
    auto& cut_off = policy.exclude_newer_of_index[index::label_of(index)];
    cut_off.reset();
    if (text == "false") continue;
    PKG_TRY_ASSIGN(cut_off, time::parse_cutoff(text, settings.now).with([&] {
      return cat("in exclude-newer of the index ", quote(index::label_of(index)));
    }));
  }
  return ok_status();
}

std::set<pep::Name> upgraded_names(const std::vector<std::string>& upgrade_packages) {
  std::set<pep::Name> names;
  for (const auto& text : upgrade_packages)
    if (const auto requirement = pep::Requirement::parse(text)) names.insert(requirement->name);
  return names;
}

Status check_pythons(const Inputs& inputs, const ResolveOptions& options, const pep::Target& target) {
  if (options.policy.ignore_requires_python) return ok_status();
  for (const auto& required : inputs.pythons) {
    if (required.specifiers.contains(target.python)) continue;
    return make_error(ErrorKind::conflict, cat(required.who, " needs Python ", required.specifiers.to_string(),
                                               ", and this is ", target.python.to_string()));
  }
  return ok_status();
}

Result<resolver::Problem> make_problem(const Inputs& inputs, const ResolveOptions& options, const pep::Target& target,
                                       std::span<const resolver::Preference> preferred) {
  PKG_TRY(check_pythons(inputs, options, target));
  PKG_TRY_ASSIGN(auto problem, problem_for_anybody(inputs, options, preferred));
  problem.targets = {target};
  return problem;
}

Result<resolver::Problem> problem_for_anybody(const Inputs& inputs, const ResolveOptions& options,
                                              std::span<const resolver::Preference> preferred) {
  resolver::Problem problem;
  problem.requirements = inputs.requirements;
  problem.constraints = inputs.constraints;
  problem.overrides = inputs.overrides;
  problem.excludes = inputs.excludes;
  problem.parent_rules = inputs.parent_rules;
  problem.own = inputs.own;
  problem.index_rules = inputs.index_rules;
  problem.policy = options.policy;
  if (inputs.releases.all)
    problem.policy.prereleases = *inputs.releases.all ? resolver::Prereleases::allow : resolver::Prereleases::disallow;
  problem.policy.prereleases_of.insert(inputs.releases.of.begin(), inputs.releases.of.end());
  problem.policy.exclude_newer_of.insert(inputs.exclude_newer_of.begin(), inputs.exclude_newer_of.end());
  if (inputs.prefer_binary) problem.policy.prefer_binary = true;
  for (const auto& option : inputs.format)
    PKG_TRY(add_format_control(option.value, option.only_binary, problem.policy.format));
  problem.policy.hashes = inputs.hashes;
  problem.policy.require_hashes = inputs.require_hashes;
  PKG_TRY_ASSIGN(auto names, lift_upgrades(options.upgrade_packages, problem));
  problem.is_upgrade = options.upgrade;
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

void add_hint(Error& error, std::string_view text) {
  if (!text.empty() && error.hint.find(text) == std::string::npos)
    append(error.hint, error.hint.empty() ? "" : "\n", text);
}

// What to look at where the indexes do not have what was asked for, and nothing is known of the name.
std::string advice_on_indexes(const Session& session) {
  const auto& settings = session.settings();
  if (settings.offline || settings.no_index || settings.indexes.empty()) return {};
  const auto& only = settings.indexes.front().url;
  if (settings.indexes.size() == 1 && only.shown().find("/simple") == std::string::npos)
    return cat("is ", quote(only.shown()), " whole? The address of an index mostly ends in /simple/");
  return "check the spelling; --extra-index-url URL asks a further index";
}

// What was asked for and is on no index: words that are no project's name, and slips of the finger, near to a name that
// was seen before. Of what is neither, that there are other indexes.
void suggest_names(const resolver::Problem& problem, LiveSource& source, const Session& session, Error& error) {
  std::set<pep::Name> seen;
  bool is_absent = false;
  for (const auto& requirement : problem.requirements) {
    if (!requirement.url.empty() || resolver::has_index_rule(problem.index_rules, requirement.name) ||
        !seen.insert(requirement.name).second)
      continue;
    const auto listing = source.listing(requirement.name);
    if (!listing || (*listing)->found) continue;
    is_absent = true;
    const auto& written = requirement.name_as_written.empty() ? requirement.name.str() : requirement.name_as_written;
    auto advice = advice_on_name(requirement.name, written);
    const auto close = advice.empty() ? index::nearest_cached_project(session.settings(), requirement.name)
                                      : std::optional<std::string>();
    if (close && error.hint.find(quote(*close)) == std::string::npos) advice = cat("did you mean ", quote(*close), "?");
    add_hint(error, advice);
  }
  if (is_absent && error.hint.empty() && error.kind == ErrorKind::conflict) error.hint = advice_on_indexes(session);
}

// What takes long is seen to be alive; with -v, in a log, at ever longer intervals.
void tell_rounds(std::uint64_t rounds, std::size_t decided, Reporter& reporter) {
  const auto text = cat(rounds, " rounds, ", decided, " choices so far");
  reporter.step("Resolving", text, 0, 0);
  if (std::has_single_bit(rounds)) reporter.note(cat("still resolving: ", text));
}

// Own projects are no part of what is locked or installed: who asked for them is met, and what their extras ask for is
// asked for by the root.
void leave_out_own(std::span<const resolver::OwnProject> own, resolver::Resolution& resolution) {
  const auto is_own = [&](const resolver::Pin& pin) {
    return !pin.direct && std::ranges::find(own, pin.name, &resolver::OwnProject::name) != own.end();
  };
  if (std::ranges::none_of(resolution.pins, is_own)) return;
  std::vector<int> place;  // of each pin, when the own ones are gone; -1 for those
  int left = 0;
  for (const auto& pin : resolution.pins) place.push_back(is_own(pin) ? -1 : left++);
  std::erase_if(resolution.pins, is_own);
  for (auto& pin : resolution.pins) {
    for (auto& edge : pin.required_by)
      if (edge.parent >= 0) edge.parent = place[static_cast<std::size_t>(edge.parent)];
    for (auto& dependency : pin.dependencies) dependency = place[static_cast<std::size_t>(dependency)];
    std::erase(pin.dependencies, -1);
  }
}

void tell_choices(const resolver::Resolution& resolution, Reporter& reporter) {
  if (!reporter.wants_details()) return;
  for (const auto& pin : resolution.pins) {
    if (pin.files.empty()) continue;
    const auto& file = pin.best_file();
    reporter.detail(cat("chose ", pin.name.str(), ' ', pin.version.to_string(), ": ",
                        file.index.empty() ? url::redact(file.url) : file.file_name,
                        file.index.empty() ? "" : cat(" of ", url::redact(file.index))));
  }
}

}  // namespace

std::vector<pep::Name> required_names(std::span<const pep::Requirement> requirements) {
  std::vector<pep::Name> names;
  for (const auto& requirement : requirements) {
    if (requirement.url.empty() && requirement.marker.is_trivial()) names.push_back(requirement.name);
  }
  return names;
}

namespace {

// A universal resolution asks all of them for what is required itself.
void want_by_rules(const resolver::Problem& problem, LiveSource& source) {
  for (const auto& rule : problem.index_rules)
    if (std::ranges::find(problem.requirements, rule.name, &pep::Requirement::name) != problem.requirements.end())
      source.from(rule.index).want_listings(std::span(&rule.name, 1));
}

Result<std::variant<resolver::Resolution, resolver::Conflict>> resolve_once(const resolver::Problem& problem,
                                                                            LiveSource& source, Session& session) {
  auto names = required_names(problem.requirements);
  std::erase_if(names, [&](const pep::Name& name) { return resolver::has_index_rule(problem.index_rules, name); });
  source.want_listings(names);
  if (problem.universe) want_by_rules(problem, source);
  return resolver::resolve(problem, source, &session.cancel());
}

// A cached page may not show the release that was asked for: before that is an error, the indexes are asked once.
Result<std::variant<resolver::Resolution, resolver::Conflict>> resolve_as_of_now(const resolver::Problem& problem,
                                                                                 LiveSource& source, Session& session) {
  PKG_TRY_ASSIGN(auto outcome, resolve_once(problem, source, session));
  if (!std::holds_alternative<resolver::Conflict>(outcome) || !source.forget_cached_listings()) return outcome;
  return resolve_once(problem, source, session);
}

VariantPolicy variant_policy(const resolver::Problem& problem) {
  const auto& rules = problem.policy.variants;
  return {rules.none ? VariantPolicy::Mode::none : VariantPolicy::Mode::best, problem.targets.front(), rules.named};
}

bool has_cut_offs(const index::Settings& settings) {
  return std::ranges::any_of(settings.indexes, [](const auto& one) { return !one.rules.exclude_newer.empty(); });
}

Error conflict_error(resolver::Conflict conflict, const resolver::Problem& problem, LiveSource& source,
                     const Session& session) {
  auto failed =
      conflict.explanation.find(LiveSource::kNotBuilt) == std::string::npos ? std::nullopt : source.failed_build();
  Error error = failed ? *std::move(failed)
                       : make_error(ErrorKind::conflict, std::move(conflict.headline), std::move(conflict.hint));
  for (const auto line : split_lines(conflict.explanation)) error.context.emplace_back(line);
  suggest_names(problem, source, session, error);
  return error;
}

}  // namespace

Result<resolver::Problem> ready_problem(resolver::Problem problem, const index::Settings& settings) {
  auto& policy = problem.policy;
  PKG_TRY(add_index_cut_offs(settings, policy));
  // No cut-off, hash or choice of formats is about one's own project.
  for (const auto& own : problem.own) {
    policy.exclude_newer_of[own.name()] = std::nullopt;
    policy.prereleases_of[own.name()] = resolver::Prereleases::allow;
    policy.format.no_binary.erase(own.name());
    policy.format.only_binary.insert(own.name());
    policy.hashes.erase(own.name());
  }
  return problem;
}

Result<resolver::Resolution> solve(const resolver::Problem& given, LiveSource& source, Session& session) {
  std::optional<resolver::Problem> completed;  // what is complete is not copied
  if (!given.own.empty() || has_cut_offs(session.settings())) {
    PKG_TRY_ASSIGN(completed, ready_problem(given, session.settings()));
  }
  const auto& problem = completed ? *completed : given;
  source.answer_for(given.own);  // outlives the source
  if (session.build_options().no_url_dependencies) source.forbid_url_dependencies();
  source.replace_metadata(session.build_options().dependency_metadata);
  if (problem.is_upgrade)
    source.confirm_all_listings();
  else if (!problem.upgraded.empty())
    source.confirm_listings({problem.upgraded.begin(), problem.upgraded.end()});
  source.follow_formats(problem.policy.format);
  if (!problem.universe) source.choose_variants(variant_policy(problem));
  if (!problem.policy.hashes.empty()) source.require_hashes(problem.policy.hashes);
  source.tell_progress(
      [&](std::uint64_t rounds, std::size_t decided) { tell_rounds(rounds, decided, session.reporter()); });
  source.tell_waiting([&](const pep::Name& whose, std::size_t projects) {
    session.reporter().step("Resolving", cat(projects, " projects seen, waiting for ", quote(whose.str())), 0, 0);
  });
  PKG_TRY_ASSIGN(auto outcome, resolve_as_of_now(problem, source, session));
  for (const auto& line : source.metadata_notes().mended()) session.reporter().note(line);
  auto* conflict = std::get_if<resolver::Conflict>(&outcome);
  if (conflict != nullptr && source.missing() != nullptr) return Error(*source.missing());
  if (conflict != nullptr) return conflict_error(std::move(*conflict), problem, source, session);
  auto& resolution = std::get<resolver::Resolution>(outcome);
  PKG_TRY(source.check_missing(resolution));
  for (auto& line : source.passed_over(resolution)) resolution.warnings.push_back(std::move(line));
  leave_out_own(problem.own, resolution);
  PKG_TRY(refuse_quarantined(problem, resolution, source));
  if (problem.policy.require_hashes) {
    const auto stays = [&](const resolver::Pin& pin) {
      return !pin.direct && source.is_installed(pin.name, pin.version);
    };
    PKG_TRY(check_resolved_hashes(problem, resolution, stays));
  }
  tell_choices(resolution, session.reporter());
  return std::move(resolution);
}

}  // namespace pkg::ops
