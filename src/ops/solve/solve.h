#pragma once
// From inputs and policy to a Resolution; a Conflict becomes an Error with explanation and hint.

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "ops/session/resolve_options.h"
#include "ops/session/session.h"
#include "ops/solve/live_source.h"
#include "pep/target.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// conflict: a script or a group among the inputs is for other Pythons, and that counts.
Status check_pythons(const Inputs& inputs, const ResolveOptions& options, const pep::Target& target);

// What every Problem has: what is asked for, what narrows and replaces it, the policy, and the preferences among
// `preferred`, as far as `options` do not ask for an upgrade. Whom it is for (targets or a universe) is left to say.
// bad_data: a name or requirement among the options that is none.
Result<resolver::Problem> problem_for_anybody(const Inputs& inputs, const ResolveOptions& options,
                                              std::span<const resolver::Preference> preferred);

// The same for one machine. conflict: as check_pythons(). Others: those of problem_for_anybody().
Result<resolver::Problem> make_problem(const Inputs& inputs, const ResolveOptions& options, const pep::Target& target,
                                       std::span<const resolver::Preference> preferred);

// Names whose present version is not to be preferred; -P NAME==V narrows as a constraint would. bad_data: no
// requirement.
Result<std::set<pep::Name>> lift_upgrades(const std::vector<std::string>& upgrade_packages, resolver::Problem& problem);

// The cut-offs that settings give for single indexes, as far as they have any. usage: neither a date nor a duration.
Status add_index_cut_offs(const index::Settings& settings, resolver::Policy& policy);

// The names among -P NAME[==V]; what is no requirement is lift_upgrades' to refuse.
std::set<pep::Name> upgraded_names(const std::vector<std::string>& upgrade_packages);

// Those that an index is asked for wherever this is: what a marker may leave out, the resolver asks for.
std::vector<pep::Name> required_names(std::span<const pep::Requirement> requirements);

// With what counts besides: cut-offs of indexes, and that own projects are taken as they are. What explains a choice
// works on the same problem as what makes it. bad_data: a cut-off.
Result<resolver::Problem> ready_problem(resolver::Problem problem, const index::Settings& settings);

// Conflict → Error{conflict, headline, explanation lines as context, hint}. bad_data: see check_resolved_hashes.
// Others: those of resolver::resolve with this source. Pages that decide over an upgrade are confirmed by their indexes
// first, and so are all others before a conflict is one: cached pages may be older than a release that is asked for.
Result<resolver::Resolution> solve(const resolver::Problem& problem, LiveSource& source, Session& session);

}  // namespace pkg::ops
